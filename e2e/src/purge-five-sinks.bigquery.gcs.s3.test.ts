import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startTraffic } from '@scoreline/local';
import { needServer, uniqueName, until } from '@scoreline/testing';

import { Servers } from './bad-input/servers.ts';
import type { ArchiveName } from './purge/archive.ts';
import { away } from './purge/cases/offsets.ts';
import { PurgeScene } from './purge/scene.ts';

const ALL: readonly ArchiveName[] = ['bigquery', 'clickhouse', 'file', 'gcs', 's3'];
const STOPPED: ArchiveName = 'bigquery';
const ROWS = 1_500;
const DAY_MS = 86_400_000;

test(
  'with five archives, a row leaves MySQL when it is in each, and waits for the one that is stopped',
  { timeout: 8 * 60_000 },
  async (t) => {
    for (const name of ['gcs', 's3', 'bigquery'] as const) if (!needServer(t, name)) return;
    const servers = new Servers();
    let scene: PurgeScene | undefined;
    t.after(async () => {
      await scene?.end();
      await servers.destroy();
    });
    await servers.start();
    scene = new PurgeScene(servers, { name: uniqueName('five'), archives: ALL });
    await scene.create();
    await scene.begin();
    await write(scene, 1);
    await scene.landed();
    await scene.goes();

    // In all others, and one is behind.
    await away(scene, STOPPED);
    await write(scene, 2);
    await scene.landed();
    const waiting = await scene.table.deletable();
    assert.ok(waiting.length > ROWS / 2, `${waiting.length} rows are old`);
    const { code, output } = await scene.once();
    assert.equal(code, 1, output);
    assert.deepEqual(await scene.table.deletable(), waiting, output);
    const explained = await scene.explain();
    assert.deepEqual(explained.codes, ['behind'], explained.output);
    assert.ok(
      explained.reasons.every(({ sink }) => sink === STOPPED),
      explained.output,
    );
    await scene.check();

    // The service goes on by itself when it is back.
    const purge = scene.purge();
    await purge.start();
    await purge.ready();
    assert.deepEqual(await scene.table.deletable(), waiting, purge.output);
    await scene.sinks.get(STOPPED)!.start();
    await until(async () => (await scene.table.deletable()).length === 0, {
      what: 'the rows gone',
      timeoutMs: 120_000,
    }).catch((cause: unknown) => {
      throw new Error(`${String(cause)}\n${purge.output}`, { cause });
    });
    assert.equal((await purge.stop()).code, 0, purge.output);
    await scene.check();
    const left = await scene.table.ids();
    t.diagnostic(`${scene.table.seen.size} rows were there, ${left.length} are left`);
  },
);

/** What the pool writes, some weeks ago. */
async function write(scene: PurgeScene, seed: number): Promise<void> {
  const clock = (): number => Date.now() - 40 * DAY_MS;
  const traffic = startTraffic(scene.table.adminDsn, { rate: 0, seed, rows: ROWS, clock });
  await traffic.done;
  await scene.table.remember();
}
