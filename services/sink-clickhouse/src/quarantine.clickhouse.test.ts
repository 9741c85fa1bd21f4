import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parseCommitMetadata } from '@scoreline/landing';
import { encodeRow, pipeline, sampleRow, sinkProcess } from '@scoreline/landing/testing';
import { needServer, until } from '@scoreline/testing';

import { testDatabase } from './testing/database.ts';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
const ROWS = Array.from({ length: 2_000 }, (_, i) => sampleRow(i + 1));
/** More than a UInt32. */
const MISFITS = [700, 701, 1500].map((id) => sampleRow(id, { server_id: 2 ** 32 + id }));

test('rows that do not fit are in quarantine and the others land once, though the process is killed between', async (t) => {
  const brokers = needServer(t, 'kafka');
  const dsn = needServer(t, 'clickhouse');
  if (!brokers || !dsn) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  const database = await testDatabase(t, dsn);
  const misfitOf = new Map(MISFITS.map((row) => [row.id, row]));
  const rows = ROWS.map((row) => misfitOf.get(row.id) ?? row);
  await p.produce(0, rows.map(encodeRow));
  const env = {
    ...p.env,
    ...database.env,
    on_poison: 'quarantine',
    batch_ch_max_size: '1000',
    ch_insert_spacing: '0ms',
    session_timeout: '6s',
  };
  const commit = async () => {
    const [one] = (await p.commits('clickhouse')).values();
    return one && { offset: one.offset, ...parseCommitMetadata(one.metadata, 'p0') };
  };
  const dying = sinkProcess(t, MAIN, env);
  const isBroken = async () => (await commit())?.quarantined !== undefined;
  await until(isBroken, { what: 'a row in quarantine', everyMs: 1 });
  await dying.kill('SIGKILL');
  const last = sinkProcess(t, MAIN, env);
  await until(async () => (await p.lag('clickhouse')) === 0, { what: 'lag 0', timeoutMs: 60_000 });
  assert.deepEqual(
    await database.rows(),
    ROWS.filter(({ id }) => !misfitOf.has(id)),
  );
  const end = await commit();
  assert.deepEqual(end?.quarantined, { count: 3, first: 699n, last: 1499n });
  assert.equal(end?.since, 0n);
  assert.equal(await last.kill('SIGTERM'), 0, last.output());
});
