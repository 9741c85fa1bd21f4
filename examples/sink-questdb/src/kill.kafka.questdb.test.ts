import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { pendingOf, pipeline, sampleRow, sinkProcess } from '@scoreline/landing/testing';
import { needServer, until } from '@scoreline/testing';

import { TestTable } from './testing/table.ts';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
const ROWS = 6_000;
const KILLS = 2;

test('processes are killed with ranges pending, and every row lands once as it was', async (t) => {
  const brokers = needServer(t, 'kafka');
  const url = needServer(t, 'questdb');
  if (!brokers || !url) return;
  const p = await pipeline(t, brokers, { partitions: 2 });
  const table = new TestTable(t, url);
  const env = {
    ...p.env,
    questdb_url: url,
    questdb_table: table.name,
    questdb_batch_rows: '200',
    session_timeout: '6s',
  };
  let before = '';
  for (let kill = 0; kill < KILLS; kill++) {
    await p.produceIds(kill * ROWS + 1, (kill + 1) * ROWS + 1);
    const dying = sinkProcess(t, MAIN, env);
    // Of this process: what the one killed before has left pending is not meant.
    const now = async () =>
      (await pendingOf(p, 'questdb')) === before ? '' : pendingOf(p, 'questdb');
    await until(now, { what: `a range pending before kill ${kill}`, everyMs: 1 });
    await dying.kill('SIGKILL');
    before = await pendingOf(p, 'questdb');
  }
  const last = sinkProcess(t, MAIN, env);
  await until(async () => (await p.lag('questdb')) === 0, { what: 'lag 0', timeoutMs: 60_000 });
  assert.equal(await last.kill('SIGTERM'), 0, last.output());
  const rows = (await table.rows()).sort((a, b) => a.id - b.id);
  assert.deepEqual(
    rows,
    Array.from({ length: KILLS * ROWS }, (_, i) => sampleRow(i + 1)),
  );
});
