import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Servers } from '../bad-input/servers.ts';
import type { Settings } from '../faults/fault.ts';
import { serviceTells } from './answers.ts';
import type { HeldCase, PurgeCase } from './purge-case.ts';
import { PurgeScene, type SceneOptions } from './scene.ts';
import { names } from './told.ts';

/** Of one scene, one after the other: each leaves nothing to be deleted, and the last ones what they have to. */
export function runCases(
  servers: () => Servers,
  options: SceneOptions,
  cases: readonly PurgeCase[],
  stage: (scene: PurgeScene) => Promise<void> = begin,
): void {
  describe(options.name, () => {
    let scene: PurgeScene;
    before(
      async () => {
        scene = new PurgeScene(servers(), options);
        await stage(scene);
      },
      { timeout: 120_000 },
    );
    after(() => scene.end());

    for (const one of cases) {
      test(one.name, { timeout: 180_000 }, async (t) => {
        t.after(() => scene.letGo());
        const fired = 'run' in one ? await one.run(scene) : await held(scene, one);
        assert.ok(fired, 'nothing shows that it has happened');
        await scene.check();
        t.diagnostic(`${one.name} | ${fired}`);
      });
    }
  });
}

async function begin(scene: PurgeScene): Promise<void> {
  await scene.create();
  await scene.begin();
}

async function held(scene: PurgeScene, one: HeldCase): Promise<string> {
  const { cause, told, toldBy, settings, mend } = one;
  const fired = await cause(scene);
  const before = await scene.table.ids();
  assert.notDeepEqual(await scene.table.deletable(), [], 'there is nothing that could be deleted');
  const own = settings?.(scene) ?? {};
  if (toldBy === 'service') await serviceTells(scene.purge(own), told);
  else await actionsTell(scene, told, own);
  assert.deepEqual(await scene.table.ids(), before);
  await scene.check();
  if (mend !== null) {
    await mend(scene);
    await scene.goes();
  }
  return `${fired} | ${told.join(', ')}`;
}

async function actionsTell(
  scene: PurgeScene,
  told: readonly string[],
  settings: Settings,
): Promise<void> {
  const explained = await scene.explain(settings);
  const once = await scene.once(settings);
  const said = `${explained.output}\n${once.output}`;
  assert.equal(once.code, 1, said);
  for (const code of told)
    assert.ok(explained.codes.includes(code) || names(said, code), `nobody says ${code}:\n${said}`);
}
