import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { killMembers, pipeline, sampleRow, sinkProcess } from '@scoreline/landing/testing';
import { needServer, until } from '@scoreline/testing';

import { archive, archiverTable } from './testing/archiver.ts';
import { type TestDatabase, testDatabase } from './testing/database.ts';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
const ROWS = 16_000;
const KILLS = 1;

/** The archiver's last id, and what it has never seen: transactions that committed when it was past them. */
const BOUND = 11_000;
const isLate = (id: number) => id % 50 > 46;

const ids = Array.from({ length: KILLS * ROWS }, (_, i) => i + 1);
const left = ids.filter((id) => id <= BOUND && !isLate(id));

async function select(
  { client }: TestDatabase,
  query: string,
): Promise<Readonly<Record<string, unknown>>[]> {
  const answer = await client.query({ query, format: 'JSONEachRow' });
  return answer.json();
}

/** What the archiver's columns have, of the rows that it has left. */
function leftRows(database: TestDatabase): Promise<Readonly<Record<string, unknown>>[]> {
  return select(
    database,
    `SELECT dt, id, monitor_id, server_id, ts, score, step, offset, rtt, leap, warning, error
     FROM ${database.name}.log_scores WHERE id <= ${BOUND} AND id % 50 <= 46 ORDER BY id`,
  );
}

test('the archiver’s table is taken over while processes are killed: its rows stay, and what it lacks lands once', async (t) => {
  const brokers = needServer(t, 'kafka');
  const dsn = needServer(t, 'clickhouse');
  if (!brokers || !dsn) return;
  const p = await pipeline(t, brokers, { partitions: 4 });
  const database = await testDatabase(t, dsn);
  await archiverTable(database);
  await archive(
    database,
    left.map((id) => sampleRow(id)),
  );
  const before = await leftRows(database);
  assert.equal(before.length, left.length);
  const env = {
    ...p.env,
    ...database.env,
    ch_existing_table: 'migrate',
    batch_ch_max_size: '400',
    ch_insert_spacing: '0ms',
    session_timeout: '6s',
  };

  const refused = sinkProcess(t, MAIN, env);
  assert.equal(await refused.exited, 1);
  assert.match(refused.output(), /offset-missing/);

  await killMembers(p, {
    sink: 'clickhouse',
    kills: KILLS,
    start: () => sinkProcess(t, MAIN, { ...env, existing_rows: 'anti-join' }),
    produce: (kill) => p.produceIds(kill * ROWS + 1, (kill + 1) * ROWS + 1),
  });
  assert.deepEqual(await database.count(), { rows: ids.length, ids: ids.length });
  assert.deepEqual(await leftRows(database), before);
  const landed = await select(
    database,
    `SELECT toFloat64(id) AS id, toUnixTimestamp(ts) AS s, offset, rtt, stratum, no_response, error, warning
     FROM ${database.name}.log_scores WHERE id > ${BOUND} OR id % 50 > 46 ORDER BY id`,
  );
  assert.deepEqual(
    landed,
    ids
      .filter((id) => id > BOUND || isLate(id))
      .map((id) => {
        const { ts, offset, rtt, stratum, no_response, error, warning } = sampleRow(id);
        const s = Math.floor(ts / 1_000_000);
        return { id, s, offset, rtt, stratum, no_response, error, warning };
      }),
  );

  // Later ones need not be told again.
  await p.produceIds(ids.length + 1, ids.length + 501);
  const later = sinkProcess(t, MAIN, env);
  await until(async () => (await p.lag('clickhouse')) === 0, { what: 'lag 0' });
  assert.equal(await later.kill('SIGTERM'), 0, later.output());
  const count = ids.length + 500;
  assert.deepEqual(await database.count(), { rows: count, ids: count });
});

test('an archiver that still writes stops the sink before it lands beside it', async (t) => {
  const brokers = needServer(t, 'kafka');
  const dsn = needServer(t, 'clickhouse');
  if (!brokers || !dsn) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  const database = await testDatabase(t, dsn);
  await archiverTable(database);
  const rowsTo = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => sampleRow(from + i));
  await archive(database, rowsTo(1, 101));
  const env = {
    ...p.env,
    ...database.env,
    ch_existing_table: 'migrate',
    batch_ch_max_size: '1000',
    existing_rows: 'anti-join',
  };
  const sink = sinkProcess(t, MAIN, env);
  await until(async () => (await p.commits('clickhouse')).size === 1, { what: 'the first commit' });
  await archive(database, rowsTo(101, 151));
  await p.produceIds(1, 301);
  assert.equal(await sink.exited, 1);
  assert.match(sink.output(), /existing-rows-grow/);
  assert.deepEqual(await database.count(), { rows: 150, ids: 150 });
});
