import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { sampleRange, sampleRow } from '@scoreline/landing/testing';
import { nextVersion, VERSION_1 } from '@scoreline/schema';
import { needServer } from '@scoreline/testing';

import { COLUMNS } from './columns.ts';
import { MigrationRecords } from './migration-records.ts';
import { MIGRATIONS } from './migrations.ts';
import { createStatement } from './table.ts';
import { type TestDatabase, testDatabase } from './testing/database.ts';
import { FIRST, SIGNAL, testSink } from './testing/test-sink.ts';

async function databaseOf(t: TestContext): Promise<TestDatabase | null> {
  const dsn = needServer(t, 'clickhouse');
  return dsn ? testDatabase(t, dsn) : null;
}

/** The table as versions made it that kept no records. */
async function firstTable({ client, name }: TestDatabase, change = (sql: string) => sql) {
  const statement = createStatement(
    { database: name, table: 'log_scores' },
    { wanted: COLUMNS, uuid: null },
  );
  const query = change(statement.replace(/,\n\s*`extra` [^\n]*/, ''));
  assert.ok(!query.includes('extra'));
  await client.command({ query });
}

const alter = ({ client, name }: TestDatabase, change: string) =>
  client.command({ query: `ALTER TABLE ${name}.log_scores ${change}` });

const recordsOf = async ({ client, name }: TestDatabase, uuid: string) =>
  (await new MigrationRecords(client, name).of(uuid)).map(({ number }) => number);

const LATEST = MIGRATIONS.map(({ number }) => number);

test('a table that the sink creates is recorded, and one created anew is another', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  const { fingerprint } = await testSink(t, database.env).start();
  assert.deepEqual(await recordsOf(database, fingerprint), LATEST);
  await database.client.command({ query: `DROP TABLE ${database.name}.log_scores SYNC` });
  await database.client.command({
    query: `CREATE TABLE ${database.name}.log_scores (id UInt64) ENGINE = MergeTree ORDER BY id`,
  });
  await assert.rejects(testSink(t, database.env).start(), { code: 'table-mismatch' });
});

test('a table from before gets what it lacks, its rows stay, and four members do it at once', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  await firstTable(database);
  const insert = (id: number) =>
    database.client.command({
      query: `INSERT INTO ${database.name}.log_scores (id, server_id, ts, score, step) VALUES (${id}, 1, 0, 0.5, 1)`,
    });
  await insert(1);
  const sinks = Array.from({ length: 4 }, () => testSink(t, database.env));
  const [first] = await Promise.all(sinks.map((sink) => sink.start()));
  assert.deepEqual(await recordsOf(database, first?.fingerprint ?? ''), LATEST);
  await sinks[0]!.write(sampleRange([sampleRow(3, { extra: { mood: 'gut' } })]), FIRST, SIGNAL);
  // A member of the version before is still at work.
  await insert(2);
  assert.deepEqual(
    (await database.rows()).map(({ id, extra }) => [id, extra]),
    [
      [1, {}],
      [2, {}],
      [3, { mood: 'gut' }],
    ],
  );
});

test('a later version of the topic adds its column, and members of both versions land', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  const older = testSink(t, database.env);
  const { fingerprint } = await older.start();
  await older.write(sampleRange([sampleRow(1)]), FIRST, SIGNAL);
  const next = nextVersion(VERSION_1, [{ name: 'jitter', family: 'number' }]);
  const newer = testSink(t, database.env, [VERSION_1, next]);
  assert.equal((await newer.start()).fingerprint, fingerprint);
  assert.deepEqual(await recordsOf(database, fingerprint), [...LATEST, 1002]);
  // Records of version 1, by the sink that knows both, and by one that is still at work, or starts again.
  await newer.write(sampleRange([sampleRow(2)]), FIRST, SIGNAL);
  await older.write(sampleRange([sampleRow(3)]), FIRST, SIGNAL);
  const again = testSink(t, database.env);
  await again.start();
  await again.write(sampleRange([sampleRow(4)]), FIRST, SIGNAL);
  const answer = await database.client.query({
    query: `SELECT toFloat64(id) AS id, jitter FROM ${database.name}.log_scores ORDER BY id`,
    format: 'JSONEachRow',
  });
  assert.deepEqual(
    await answer.json(),
    [1, 2, 3, 4].map((id) => ({ id, jitter: null })),
  );
});

test('a migration that was made and not recorded is recorded', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  const { fingerprint } = await testSink(t, database.env).start();
  await database.client.command({ query: `TRUNCATE TABLE ${database.name}.scoreline_migrations` });
  await new MigrationRecords(database.client, database.name).add(
    fingerprint,
    'log_scores',
    MIGRATIONS.slice(0, 1),
  );
  await testSink(t, database.env).start();
  assert.deepEqual(await recordsOf(database, fingerprint), LATEST);
});

test('a recorded table is extended although its settings were changed since', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  await firstTable(database);
  await alter(database, 'MODIFY SETTING non_replicated_deduplication_window = 500');
  await assert.rejects(testSink(t, database.env).start(), /no column extra/);
  const [table] = await (
    await database.client.query({
      query: `SELECT toString(uuid) AS uuid FROM system.tables
        WHERE database = '${database.name}' AND name = 'log_scores'`,
      format: 'JSONEachRow',
    })
  ).json<{ uuid: string }>();
  await new MigrationRecords(database.client, database.name).add(
    table?.uuid ?? '',
    'log_scores',
    MIGRATIONS.slice(0, 1),
  );
  const { fingerprint } = await testSink(t, database.env).start();
  assert.deepEqual(await recordsOf(database, fingerprint), LATEST);
});

const NOT_OURS: Record<string, (sql: string) => string> = {
  'another key': (sql) => sql.replace('ORDER BY (server_id, ts)', 'ORDER BY (id)'),
  'another partition': (sql) => sql.replace('PARTITION BY dt', 'PARTITION BY toYYYYMM(dt)'),
};

for (const [what, change] of Object.entries(NOT_OURS)) {
  test(`a table of others is not extended unasked: ${what}`, async (t) => {
    const database = await databaseOf(t);
    if (!database) return;
    await firstTable(database, change);
    await assert.rejects(testSink(t, database.env).start(), /no column extra/);
    await testSink(t, { ...database.env, ch_existing_table: 'migrate' }).start();
    await testSink(t, database.env).start();
  });
}

for (const mode of ['refuse', 'migrate']) {
  test(`a column that was dropped stops, for its values are gone (${mode})`, async (t) => {
    const database = await databaseOf(t);
    if (!database) return;
    const env = { ...database.env, ch_existing_table: mode };
    await testSink(t, env).start();
    await alter(database, 'DROP COLUMN extra');
    await assert.rejects(testSink(t, env).start(), {
      code: 'table-mismatch',
      message: /no column extra, which it was given \(migration 1\): somebody has dropped it/,
    });
  });
}

test('columns that a later version has added are left to it', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  const { fingerprint } = await testSink(t, database.env).start();
  await alter(database, 'ADD COLUMN later Nullable(String)');
  await assert.rejects(testSink(t, database.env).start(), /column later is unknown/);
  await new MigrationRecords(database.client, database.name).add(fingerprint, 'log_scores', [
    { number: 99, name: 'later', columns: ['later'] },
  ]);
  const sink = testSink(t, database.env);
  await sink.start();
  await sink.write(sampleRange([sampleRow(1)]), FIRST, SIGNAL);
  assert.deepEqual(await database.count(), { rows: 1, ids: 1 });
});
