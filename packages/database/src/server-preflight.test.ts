import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Connection } from 'mysql2/promise';

import { preflightServer } from './server-preflight.ts';

type Answer = Record<string, unknown>[] | { code: string };

const VARIABLES = {
  binlog_checksum: 'CRC32',
  binlog_row_image: 'FULL',
  binlog_row_metadata: 'FULL',
  innodb_flush_log_at_trx_commit: '1',
  log_bin: 'ON',
  server_id: '1',
  sync_binlog: '1',
  time_zone: '+00:00',
};

const STATUS = { File: 'binlog.000001', Position: '4', Binlog_Do_DB: '', Binlog_Ignore_DB: '' };

/** A server that gives the answers that real ones gave; what cannot be had from one is changed. */
function fake(
  version: string,
  variables: Record<string, string> = {},
  answers: Record<string, Answer> = {},
): Connection {
  const all: Record<string, Answer> = {
    'SHOW GLOBAL VARIABLES': Object.entries({ ...VARIABLES, ...variables }).map(
      ([name, value]) => ({
        Variable_name: name,
        Value: value,
      }),
    ),
    'SELECT VERSION()': [{ version, account: 's@10.%' }],
    'SHOW GRANTS': [{ g: 'GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `s`@`10.%`' }],
    'SHOW BINARY LOG STATUS': [STATUS],
    'SHOW MASTER STATUS': [STATUS],
    'SHOW BINARY LOGS': [],
    'SHOW REPLICAS': [],
    'SELECT 1 FROM information_schema.innodb_trx LIMIT 1': [],
    'SHOW REPLICA STATUS': [],
    'SHOW ALL SLAVES STATUS': [],
    'SHOW GLOBAL STATUS': [{ Variable_name: 'Slaves_running', Value: '0' }],
    ...answers,
  };
  const query = async (sql: string) => {
    const [, answer] =
      Object.entries(all).findLast(([start]) => sql === start || sql.startsWith(`${start} `)) ?? [];
    if (!answer) throw new Error(`unexpected ${sql}`);
    if (!Array.isArray(answer)) throw Object.assign(new Error(answer.code), answer);
    return [answer, []];
  };
  return { query } as unknown as Connection;
}

const MYSQL = '9.7.4';
const MARIADB = '11.4.5-MariaDB-log';
const source = { database: 'ntp', table: 'log_scores', timeZone: undefined };
const problems = async (connection: Connection) =>
  (await preflightServer(connection, source)).problems;

test('a primary that writes everything has no problems, whether or not it would log as a replica', async () => {
  assert.deepEqual(await problems(fake(MYSQL, { log_replica_updates: 'OFF' })), []);
  assert.deepEqual(
    await problems(fake(MARIADB, { log_slave_updates: 'OFF', gtid_slave_pos: '' })),
    [],
  );
});

test('a replica that does not log what it replicates is refused', async () => {
  const replica = [{ Source_Host: 'primary' }];
  const [mysql] = await problems(
    fake(MYSQL, { log_replica_updates: 'OFF' }, { 'SHOW REPLICA STATUS': replica }),
  );
  assert.deepEqual([mysql?.severity, mysql?.subject], ['error', 'log_replica_updates']);
  assert.match(mysql?.remedy ?? '', /log_replica_updates = ON/);
  const [mariadb] = await problems(
    fake(MARIADB, { log_slave_updates: 'OFF' }, { 'SHOW ALL SLAVES STATUS': replica }),
  );
  assert.deepEqual([mariadb?.severity, mariadb?.subject], ['error', 'log_slave_updates']);
  assert.deepEqual(
    await problems(fake(MYSQL, { log_replica_updates: 'ON' }, { 'SHOW REPLICA STATUS': replica })),
    [],
  );
});

test('where we may not ask whether it is a replica, one that replicates is refused, and one that has is a warning', async () => {
  const denied = { 'SHOW ALL SLAVES STATUS': { code: 'ER_SPECIFIC_ACCESS_DENIED_ERROR' } };
  const variables = { log_slave_updates: 'OFF', gtid_slave_pos: '0-1-7' };
  const [problem] = await problems(fake(MARIADB, variables, denied));
  assert.deepEqual([problem?.severity, problem?.subject], ['warning', 'log_slave_updates']);
  assert.deepEqual(await problems(fake(MARIADB, { ...variables, gtid_slave_pos: '' }, denied)), []);
  const running = { 'SHOW GLOBAL STATUS': [{ Variable_name: 'Slaves_running', Value: '1' }] };
  const [refused] = await problems(fake(MARIADB, variables, { ...denied, ...running }));
  assert.deepEqual([refused?.severity, refused?.subject], ['error', 'log_slave_updates']);
});

test('a binlog filter that leaves the database out is refused', async () => {
  const cases: [filter: object, option: string | undefined][] = [
    [{ Binlog_Do_DB: 'ntp' }, undefined],
    [{ Binlog_Do_DB: 'other, ntp' }, undefined],
    [{ Binlog_Ignore_DB: 'other' }, undefined],
    [{ Binlog_Do_DB: 'other' }, 'binlog_do_db'],
    [{ Binlog_Ignore_DB: 'other,ntp' }, 'binlog_ignore_db'],
  ];
  for (const [filter, option] of cases) {
    const status = [{ ...STATUS, ...filter }];
    for (const connection of [
      fake(MYSQL, {}, { 'SHOW BINARY LOG STATUS': status }),
      fake(MARIADB, {}, { 'SHOW MASTER STATUS': status }),
    ]) {
      assert.deepEqual(
        (await problems(connection)).map(({ subject }) => subject),
        option ? [option] : [],
      );
    }
  }
});

test('a server that is too old is told as such, not as a syntax error', async () => {
  for (const version of ['8.0.45', '5.7.44-log', '10.6.20-MariaDB']) {
    const [problem, ...others] = await problems(fake(version));
    assert.match(problem?.message ?? '', /is older than (?:8\.4|10\.11), the oldest/);
    assert.deepEqual(others, []);
  }
  assert.deepEqual(await problems(fake('8.4.0')), []);
  assert.deepEqual(await problems(fake('10.11.5-MariaDB')), []);
});

test('the account in a remedy is quoted as a GRANT needs it', async () => {
  const denied = { code: 'ER_SPECIFIC_ACCESS_DENIED_ERROR' };
  const [problem] = await problems(fake(MYSQL, {}, { 'SHOW REPLICAS': denied }));
  assert.equal(problem?.remedy, "GRANT REPLICATION SLAVE ON *.* TO 's'@'10.%';");
});

test('an error that is none of ours is not taken for a missing grant', async () => {
  await assert.rejects(
    problems(fake(MYSQL, {}, { 'SHOW REPLICAS': { code: 'PROTOCOL_CONNECTION_LOST' } })),
    /CONNECTION_LOST/,
  );
});
