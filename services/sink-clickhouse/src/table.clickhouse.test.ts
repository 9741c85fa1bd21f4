import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type { ConfigError } from '@scoreline/service';
import { needServer } from '@scoreline/testing';

import { ARCHIVER_TABLE } from './testing/archiver.ts';
import { type TestDatabase, testDatabase } from './testing/database.ts';
import { testSink } from './testing/test-sink.ts';

async function databaseOf(t: TestContext): Promise<TestDatabase | null> {
  const dsn = needServer(t, 'clickhouse');
  return dsn ? testDatabase(t, dsn) : null;
}

test('a missing table is created, syncs to disk, and remembers inserts', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  const destination = await testSink(t, database.env).start();
  assert.equal(destination.holdsRows, false);
  assert.equal(destination.name, `ClickHouse table ${database.name}.log_scores`);
  const answer = await database.client.query({
    query: `SELECT engine_full FROM system.tables WHERE database = '${database.name}' AND name = 'log_scores'`,
    format: 'JSONEachRow',
  });
  const [found] = await answer.json<{ engine_full: string }>();
  const engine_full = found?.engine_full ?? '';
  for (const part of [
    'PARTITION BY dt ORDER BY (server_id, ts)',
    'non_replicated_deduplication_window = 10000',
    'fsync_after_insert = 1',
    'fsync_part_directory = 1',
  ]) {
    assert.ok(engine_full.includes(part), `${part} in ${engine_full}`);
  }
});

test('a table keeps its fingerprint, and a table created anew has another', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  const table = `${database.name}.log_scores`;
  const first = await testSink(t, database.env).start();
  await database.client.command({
    query: `INSERT INTO ${table} (id, server_id, ts) VALUES (1, 1, 0)`,
  });
  const second = await testSink(t, database.env).start();
  assert.equal(second.fingerprint, first.fingerprint);
  assert.deepEqual([first.holdsRows, second.holdsRows], [false, true]);
  await database.client.command({ query: `DROP TABLE ${table} SYNC` });
  const third = await testSink(t, database.env).start();
  assert.notEqual(third.fingerprint, first.fingerprint);
});

interface Refusal {
  /** Applied to the table that the sink has created; or the table itself. */
  readonly alter: string;
  readonly says: readonly RegExp[];
  readonly remedy: RegExp;
}

const REFUSALS: Record<string, Refusal> = {
  'a column is missing': {
    alter: 'ALTER TABLE t DROP COLUMN stratum',
    says: [/no column stratum/],
    remedy: /ALTER TABLE `\w+`\.`log_scores` ADD COLUMN `stratum` Nullable\(UInt8\);/,
  },
  'a column has another type': {
    alter: 'ALTER TABLE t MODIFY COLUMN score Float32',
    says: [/`score` Float32 must be `score` Float64/],
    remedy: /MODIFY COLUMN `score` Float64;/,
  },
  'the day is not computed': {
    alter: 'ALTER TABLE t MODIFY COLUMN dt REMOVE DEFAULT',
    says: [/`dt` Date must be `dt` Date DEFAULT toDate\(ts\)/],
    remedy: /MODIFY COLUMN `dt` Date DEFAULT toDate\(ts\);/,
  },
  'an unknown column wants a value': {
    alter: 'ALTER TABLE t ADD COLUMN mood String',
    says: [/column mood is unknown/],
    remedy: /DROP COLUMN `mood`;/,
  },
  'inserts are not remembered': {
    alter: 'ALTER TABLE t MODIFY SETTING non_replicated_deduplication_window = 0',
    says: [/non_replicated_deduplication_window is 0/],
    remedy: /MODIFY SETTING non_replicated_deduplication_window = 10000;/,
  },
  'inserts are not synced': {
    alter: 'ALTER TABLE t MODIFY SETTING fsync_after_insert = 0',
    says: [/fsync_after_insert is 0/],
    remedy: /MODIFY SETTING fsync_after_insert = 1;/,
  },
  'the setting is the server’s default': {
    alter: 'ALTER TABLE t RESET SETTING non_replicated_deduplication_window, fsync_part_directory',
    says: [/non_replicated_deduplication_window is 0/, /fsync_part_directory is 0/],
    remedy: /non_replicated_deduplication_window = 10000;\n.*fsync_part_directory = 1;/,
  },
  'it is the archiver’s': {
    alter: `CREATE TABLE t ${ARCHIVER_TABLE}`,
    says: [/`ts` DateTime must be/, /no column attributes/, /no column from_ss_id/],
    remedy: /MODIFY COLUMN `monitor_id` Nullable\(UInt32\);/,
  },
  'rows of it replace each other': {
    alter: `CREATE TABLE t ${ARCHIVER_TABLE.replace('MergeTree', 'ReplacingMergeTree')}`,
    says: [/engine is ReplacingMergeTree/],
    remedy: /another table/,
  },
};

for (const [why, { alter, says, remedy }] of Object.entries(REFUSALS)) {
  test(`a table is refused, with what would mend it: ${why}`, async (t) => {
    const database = await databaseOf(t);
    if (!database) return;
    if (!alter.startsWith('CREATE')) await testSink(t, database.env).start();
    const query = alter.replace('TABLE t', `TABLE ${database.name}.log_scores`);
    await database.client.command({ query });
    await assert.rejects(testSink(t, database.env).start(), (error: ConfigError) => {
      assert.equal(error.exitCode, 2);
      assert.ok(error.message.includes(`${database.name}.log_scores`), error.message);
      for (const said of says) assert.match(error.message, said);
      assert.match(error.remedy ?? '', remedy);
      return true;
    });
  });
}

test('the remedies that are printed do mend the table', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  await testSink(t, database.env).start();
  const table = `${database.name}.log_scores`;
  for (const change of [
    'DROP COLUMN attributes',
    'MODIFY COLUMN rtt Nullable(UInt32)',
    'MODIFY SETTING fsync_after_insert = 0, non_replicated_deduplication_window = 0',
  ]) {
    await database.client.command({ query: `ALTER TABLE ${table} ${change}` });
  }
  const refusal = await testSink(t, database.env)
    .start()
    .then(
      () => assert.fail('not refused'),
      (error: ConfigError) => error,
    );
  const statements = (refusal.remedy ?? '').split('\n').filter((line) => line.endsWith(';'));
  assert.equal(statements.length, 4);
  for (const statement of statements) {
    await database.client.command({ query: statement.slice(0, -1) });
  }
  await testSink(t, database.env).start();
});

test('a table that does not sync is taken with accept_unsynced, but not without memory of inserts', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  const env = { ...database.env, accept_unsynced: 'true' };
  await testSink(t, env).start();
  const table = `${database.name}.log_scores`;
  const set = (settings: string) =>
    database.client.command({ query: `ALTER TABLE ${table} MODIFY SETTING ${settings}` });
  await set('fsync_after_insert = 0, fsync_part_directory = 0');
  await testSink(t, env).start();
  await set('non_replicated_deduplication_window = 0');
  await assert.rejects(testSink(t, env).start(), { code: 'table-mismatch' });
});

test('a database that does not exist, and a wrong password, are named', async (t) => {
  const database = await databaseOf(t);
  if (!database) return;
  const env = { ...database.env, ch_dsn: `${database.env['ch_dsn']}_missing` };
  await assert.rejects(testSink(t, env).start(), { code: 'clickhouse-81', action: 'configure' });
  const dsn = new URL(database.env['ch_dsn'] ?? '');
  dsn.username = 'nobody';
  dsn.password = 'guessed';
  const wrong = testSink(t, { ...database.env, ch_dsn: dsn.href }).start();
  await assert.rejects(wrong, (error: ConfigError) => {
    assert.equal(error.code, 'clickhouse-516');
    assert.match(error.remedy ?? '', /ch_dsn/);
    assert.ok(!error.message.includes('guessed'));
    return true;
  });
});
