import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { tempFolder } from '@scoreline/files/testing';

import { mortalFiles } from './testing/mortal-files.ts';
import { avroFiles, landOnce, manifestOf, NAMES, ROWS } from './testing/world.ts';

const DYING = fileURLToPath(new URL('testing/dying.js', import.meta.url));

class Died extends Error {}

const mortal = (step: number, half: boolean) =>
  mortalFiles({
    step,
    half,
    die: (what) => {
      throw new Died(what);
    },
  });

/** After whatever happened, the next process lands the range, and nothing else is there. */
async function checkReplay(root: string, what: string): Promise<void> {
  await landOnce(root, { replay: true });
  const found = await avroFiles(root);
  assert.deepEqual([...found.keys()], NAMES, what);
  for (const [i, { rows }] of [...found.values()].entries()) {
    const expected = ROWS.filter((_, row) => row % 2 === i);
    assert.deepEqual(rows, expected, what);
  }
  const manifest = await manifestOf(root);
  assert.deepEqual(manifest.map(({ name }) => name).sort(), NAMES, what);
  for (const { name, size, metadata } of manifest) {
    const file = found.get(name)!;
    assert.equal(size, file.size, what);
    for (const [key, value] of Object.entries(metadata))
      assert.equal(file.metadata[`scoreline.${key}`], value, what);
  }
}

for (const half of [false, true]) {
  test(`whichever step a process dies at${half ? ', half way' : ''}, the range lands once`, async (t) => {
    let died = 0;
    for (let step = 1; ; step++) {
      const root = await tempFolder(t);
      const files = mortal(step, half);
      try {
        await landOnce(root, { files });
        break;
      } catch (error) {
        if (!(error instanceof Died)) throw error;
        died++;
      }
      await checkReplay(root, `died at step ${step}, ${files.steps.at(-1)}`);
    }
    // The steps of two files, at least: bytes, sync, link, three folders, manifest.
    assert.ok(died > 25, `${died} deaths`);
  });
}

for (const [when, step, links] of [
  ['a file is linked', 'link ROOT/log_scores-v1', 0],
  ['its folder is synced', `sync ROOT/${path.dirname(NAMES[0]!)}`, 1],
  ['its line is in the manifest', 'appendFile', 1],
] as const) {
  test(`a process that is killed before ${when} leaves whole files, and the next one completes`, async (t) => {
    const root = await tempFolder(t);
    const { signal } = spawnSync(process.execPath, [DYING, root, step.replace('ROOT', root)]);
    assert.equal(signal, 'SIGKILL');
    assert.equal((await avroFiles(root)).size, links);
    await checkReplay(root, when);
    const left = await readdir(path.join(root, '.scoreline'), { recursive: true });
    assert.deepEqual(left.toSorted(), ['destination', 'work']);
  });
}
