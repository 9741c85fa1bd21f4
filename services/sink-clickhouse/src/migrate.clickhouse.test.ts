import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';

import { FIRST_DAY_US, sampleRange, sampleRow, type SampleRow } from '@scoreline/landing/testing';
import { needServer } from '@scoreline/testing';

import { type ColumnRow, lossyColumnsOf } from './accepted-columns.ts';
import { archive, archiverTable, LATE_IN_THE_DAY_US } from './testing/archiver.ts';
import { type TestDatabase, testDatabase } from './testing/database.ts';
import { FIRST, REPLAY, SIGNAL, testSink } from './testing/test-sink.ts';

const ROWS = Array.from({ length: 500 }, (_, i) =>
  sampleRow(i + 1, { ts: FIRST_DAY_US + i * 1_234_567, score: i / 7, extra: { mood: `${i}` } }),
);

async function databaseOf(t: TestContext): Promise<TestDatabase | null> {
  const dsn = needServer(t, 'clickhouse');
  return dsn ? testDatabase(t, dsn) : null;
}

async function select<T>({ client }: TestDatabase, query: string): Promise<T[]> {
  const answer = await client.query({ query, format: 'JSONEachRow' });
  return answer.json<T>();
}

/** The rows without the columns that the table is said to lose something of. */
function without(rows: readonly SampleRow[], names: readonly string[]) {
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name))),
  );
}

/** The rows of the archiver's table, whose `ts` has no microseconds to be asked for. */
async function found(database: TestDatabase): Promise<Record<string, unknown>[]> {
  return select(
    database,
    `SELECT toFloat64(id) AS id, server_id, monitor_id, toUnixTimestamp(ts) AS ts, score, step, offset, rtt, leap,
       stratum, no_response, error, warning, toFloat64(from_ls_id) AS from_ls_id,
       toFloat64(from_ss_id) AS from_ss_id, attributes, extra FROM ${database.name}.log_scores ORDER BY id`,
  );
}

async function migrated(database: TestDatabase, t: TestContext) {
  const sink = testSink(t, { ...database.env, ch_existing_table: 'migrate' });
  return { sink, destination: await sink.start() };
}

test('the archiver’s table is migrated: its rows stay, ours are whole but for what is named', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  await archiverTable(database);
  const old = [sampleRow(9001, { leap: 0 }), sampleRow(9002, { monitor_id: null })];
  await archive(database, old);
  const before = await select(database, `SELECT * FROM ${database.name}.log_scores ORDER BY id`);
  const { sink, destination } = await migrated(database, t);
  assert.equal(destination.holdsRows, true);
  await sink.write(sampleRange(ROWS), FIRST, SIGNAL);
  const after = await select(
    database,
    `SELECT dt, id, monitor_id, server_id, ts, score, step, offset, rtt, leap, warning, error
     FROM ${database.name}.log_scores WHERE id > 9000 ORDER BY id`,
  );
  assert.deepEqual(after, before);

  const lossy = destination.lossy.map(({ name }) => name);
  assert.deepEqual(lossy, ['monitor_id', 'ts', 'score', 'step']);
  const landed = (await found(database)).filter(({ id }) => Number(id) <= 9000);
  assert.deepEqual(without(landed as unknown as SampleRow[], lossy), without(ROWS, lossy));
  for (const [i, row] of landed.entries()) {
    const { monitor_id, ts, score, step } = ROWS[i]!;
    assert.equal(row['monitor_id'], monitor_id ?? 0);
    assert.equal(row['ts'], Math.floor(ts / 1_000_000));
    assert.equal(Math.fround(Number(row['score'])), Math.fround(score));
    assert.equal(row['step'], step);
  }
  const columns = await select<ColumnRow>(
    database,
    `SELECT name, type, default_kind, default_expression FROM system.columns
     WHERE database = '${database.name}' AND table = 'log_scores'`,
  );
  assert.deepEqual(lossyColumnsOf(columns), destination.lossy);
});

test('the same range again changes nothing in a migrated table, and what it lacks is made up for', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  await archiverTable(database);
  const { sink } = await migrated(database, t);
  const range = sampleRange(ROWS);
  for (const attempt of [FIRST, FIRST, REPLAY]) await sink.write(range, attempt, SIGNAL);
  assert.deepEqual(await database.count(), { rows: 500, ids: 500 });
  await database.client.command({
    query: `ALTER TABLE ${database.name}.log_scores DELETE WHERE id % 3 = 0 SETTINGS mutations_sync = 2`,
  });
  await sink.write(range, REPLAY, SIGNAL);
  assert.deepEqual(await database.count(), { rows: 500, ids: 500 });
});

test('a row is found although the archiver has filed it under another day', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  await archiverTable(database);
  const rows = [1, 2].map((id) => sampleRow(id, { ts: LATE_IN_THE_DAY_US + id }));
  await archive(database, rows.slice(0, 1), 'Asia/Tokyo');
  const { sink } = await migrated(database, t);
  await sink.write(sampleRange(rows), REPLAY, SIGNAL);
  assert.deepEqual(
    await select(
      database,
      `SELECT toFloat64(id) AS id, dt FROM ${database.name}.log_scores ORDER BY id`,
    ),
    [
      { id: 1, dt: '2025-11-14' },
      { id: 2, dt: '2025-11-13' },
    ],
  );
});

test('the day is that of UTC, also where the server would compute another', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  await database.client.command({
    query: `CREATE TABLE ${database.name}.log_scores (dt Date DEFAULT toDate(ts), id UInt64,
      server_id UInt32, ts DateTime('Asia/Tokyo')) ENGINE = MergeTree PARTITION BY dt ORDER BY (server_id, ts)`,
  });
  const { sink } = await migrated(database, t);
  await sink.write(sampleRange([sampleRow(1, { ts: LATE_IN_THE_DAY_US })]), FIRST, SIGNAL);
  const [row] = await select(
    database,
    `SELECT dt, toUnixTimestamp(ts) AS ts FROM ${database.name}.log_scores`,
  );
  assert.deepEqual(row, { dt: '2025-11-13', ts: LATE_IN_THE_DAY_US / 1_000_000 });
});

test('members that migrate together do so once, and a later start changes nothing', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  await archiverTable(database);
  const all = await Promise.all(Array.from({ length: 4 }, () => migrated(database, t)));
  assert.equal(new Set(all.map(({ destination }) => destination.fingerprint)).size, 1);
  const shape = () =>
    select(
      database,
      `SELECT create_table_query, metadata_modification_time FROM system.tables
       WHERE database = '${database.name}' AND name = 'log_scores'`,
    );
  const before = await shape();
  await migrated(database, t);
  assert.deepEqual(await shape(), before);
});

test('a migrated table is refused again where nobody says migrate', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  await archiverTable(database);
  await migrated(database, t);
  await assert.rejects(testSink(t, database.env).start(), {
    code: 'table-mismatch',
    message: /`score` Float32 must be `score` Float64/,
  });
});

const REFUSED = {
  'a type that rows would not go into': 'MODIFY COLUMN offset Nullable(Float32)',
  'a day that cannot be given': 'MODIFY COLUMN dt Date MATERIALIZED toDate(ts)',
  'a column that wants a value': 'ADD COLUMN mood String',
};

for (const [what, change] of Object.entries(REFUSED)) {
  test(`migrate refuses ${what}, and changes nothing`, async (t) => {
    const database = await databaseOf(t);
    if (!database) return;
    await archiverTable(database);
    await database.client.command({ query: `ALTER TABLE ${database.name}.log_scores ${change}` });
    const shape = () => select(database, `SHOW CREATE TABLE ${database.name}.log_scores`);
    const before = await shape();
    await assert.rejects(migrated(database, t), { code: 'table-mismatch', action: 'configure' });
    assert.deepEqual(await shape(), before);
  });
}

const MISFITS = {
  score: 1e300,
  step: -3.5e38,
  rtt: -1,
  monitor_id: 2 ** 32,
  ts: 2 ** 32 * 1_000_000,
};

for (const [column, value] of Object.entries(MISFITS)) {
  test(`a value that a migrated column cannot hold stops, naming the row: ${column} = ${value}`, async (t) => {
    const database = await databaseOf(t);
    if (!database) return;
    await archiverTable(database);
    const { sink } = await migrated(database, t);
    const range = sampleRange([...ROWS.slice(0, 10), sampleRow(777, { [column]: value })]);
    await assert.rejects(sink.write(range, FIRST, SIGNAL), {
      code: 'value-does-not-fit',
      message: new RegExp(`id 777 has ${column} = ${value}`.replace('+', '\\+')),
    });
    assert.deepEqual(await database.count(), { rows: 0, ids: 0 });
  });
}

test('the ends of what migrated columns hold go in', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  await archiverTable(database);
  const { sink } = await migrated(database, t);
  const ends = [
    sampleRow(1, { ts: 2 ** 32 * 1_000_000 - 1, score: -0, step: 3.4028234663852886e38 }),
    sampleRow(2, { ts: 0, rtt: 2 ** 31 - 1, leap: 0, monitor_id: 2 ** 32 - 1 }),
  ];
  await sink.write(sampleRange(ends), FIRST, SIGNAL);
  const rows = await select(
    database,
    `SELECT toUnixTimestamp(ts) AS ts, toString(score) AS score, toFloat64(step) AS step, rtt, leap, monitor_id
     FROM ${database.name}.log_scores ORDER BY id`,
  );
  const [first, second] = rows as Record<string, unknown>[];
  assert.deepEqual([first?.['ts'], first?.['score']], [2 ** 32 - 1, '-0']);
  assert.equal(first?.['step'], 3.4028234663852886e38);
  const { ts, rtt, leap, monitor_id } = second ?? {};
  assert.deepEqual([ts, rtt, leap, monitor_id], [0, 2 ** 31 - 1, 0, 2 ** 32 - 1]);
});

test('the archiver’s rows are copied as the docs say: those that are missing, once, also again', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  const page = readFileSync(new URL('../../../docs/sinks/clickhouse.md', import.meta.url), 'utf8');
  const [, copy = assert.fail('no statement')] =
    /(INSERT INTO ntp\.log_scores\n[^;`]*)```/.exec(page) ?? [];
  await archiverTable(database);
  const old = Array.from({ length: 600 }, (_, i) => sampleRow(i + 1));
  await archive(database, old);
  const { client, name } = database;
  const rename = `RENAME TABLE ${name}.log_scores TO ${name}.log_scores_archiver`;
  await client.command({ query: rename });
  const sink = testSink(t, database.env);
  await sink.start();
  const landed = Array.from({ length: 500 }, (_, i) => sampleRow(i + 301));
  await sink.write(sampleRange(landed), FIRST, SIGNAL);
  const query = copy.replaceAll('ntp.', `${name}.`);
  for (let time = 0; time < 2; time++) await client.command({ query });
  const whole = await database.rows();
  assert.deepEqual(
    whole.map(({ id }) => id),
    Array.from({ length: 800 }, (_, i) => i + 1),
  );
  assert.deepEqual(whole.slice(300), landed);
  for (const [i, row] of whole.slice(0, 300).entries()) {
    const { ts, monitor_id, rtt, offset, error } = old[i]!;
    assert.deepEqual(
      {
        ts: row.ts,
        monitor_id: row.monitor_id,
        rtt: row.rtt,
        offset: row.offset,
        error: row.error,
      },
      {
        ts: Math.floor(ts / 1_000_000) * 1_000_000,
        monitor_id: monitor_id || null,
        rtt,
        offset,
        error,
      },
    );
  }
});
