import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Flavor, ServerFacts } from './server-facts.ts';
import { variableProblems } from './server-variables.ts';
import { serverTimeZone, timeZoneProblems } from './time-zone.ts';

const GOOD = {
  binlog_checksum: 'CRC32',
  binlog_row_image: 'FULL',
  binlog_row_metadata: 'FULL',
  innodb_flush_log_at_trx_commit: '1',
  log_bin: 'ON',
  server_id: '7',
  sync_binlog: '1',
  system_time_zone: 'UTC',
  time_zone: 'SYSTEM',
};

function server(flavor: Flavor, changes: Record<string, string | undefined> = {}): ServerFacts {
  const variables = Object.entries({ ...GOOD, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { flavor, version: '', account: "'s'@'%'", variables: new Map(variables) };
}

test('a server as it should be has no problems, also where a variable exists no more', () => {
  assert.deepEqual(variableProblems(server('mysql')), []);
  assert.deepEqual(variableProblems(server('mariadb', { binlog_format: 'ROW' })), []);
});

test('each variable that would lose a row is an error with what was seen and SQL to paste', () => {
  const cases: [name: string, value: string | undefined, message: RegExp, remedy: string][] = [
    [
      'log_bin',
      'OFF',
      /^log_bin is OFF, must be ON: /,
      '[mysqld]\nlog_bin = binlog\n# then restart the server',
    ],
    ['server_id', '0', /^server_id is 0, must be 1: /, 'SET PERSIST server_id = 1; -- then'],
    [
      'binlog_format',
      'MIXED',
      /^binlog_format is MIXED, must be ROW: /,
      "SET PERSIST binlog_format = 'ROW';",
    ],
    [
      'binlog_row_image',
      'MINIMAL',
      /is MINIMAL, must be FULL/,
      "SET PERSIST binlog_row_image = 'FULL';",
    ],
    [
      'binlog_row_image',
      'NOBLOB',
      /is NOBLOB, must be FULL/,
      "SET PERSIST binlog_row_image = 'FULL';",
    ],
    ['binlog_row_metadata', 'MINIMAL', /must be FULL/, "SET PERSIST binlog_row_metadata = 'FULL';"],
    [
      'binlog_row_metadata',
      undefined,
      /is unknown to this server, must be FULL/,
      'SET PERSIST binlog_row_metadata',
    ],
    ['binlog_checksum', 'NONE', /must be CRC32/, "SET PERSIST binlog_checksum = 'CRC32';"],
    [
      'binlog_row_value_options',
      'PARTIAL_JSON',
      /must be empty/,
      "SET PERSIST binlog_row_value_options = '';",
    ],
  ];
  for (const [name, value, message, remedy] of cases) {
    const problems = variableProblems(server('mysql', { [name]: value }));
    assert.equal(problems.length, 1, name);
    assert.equal(problems[0]?.severity, 'error');
    assert.equal(problems[0]?.subject, name);
    assert.match(problems[0]?.message ?? '', message);
    assert.ok(problems[0]?.remedy.startsWith(remedy), problems[0]?.remedy);
  }
});

test('a server that could go back after a crash, or forgets its binlogs soon, is a warning', () => {
  const problems = variableProblems(
    server('mysql', {
      sync_binlog: '0',
      innodb_flush_log_at_trx_commit: '2',
      binlog_expire_logs_seconds: '3600',
    }),
  );
  assert.deepEqual(
    problems.map(({ severity, subject }) => [severity, subject]),
    [
      ['warning', 'sync_binlog'],
      ['warning', 'innodb_flush_log_at_trx_commit'],
      ['warning', 'binlog_expire_logs_seconds'],
    ],
  );
  assert.deepEqual(variableProblems(server('mysql', { binlog_expire_logs_seconds: '0' })), []);
});

test('MariaDB forgets SET GLOBAL, so its remedy names the configuration file too', () => {
  const [problem] = variableProblems(server('mariadb', { binlog_row_image: 'MINIMAL' }));
  assert.match(
    problem?.remedy ?? '',
    /^SET GLOBAL binlog_row_image = 'FULL';.*\[mysqld\]: binlog_row_image = FULL$/,
  );
});

test('a server whose zone is not UTC needs source_time_zone', () => {
  const cases: [time: string, system: string, zone: string, problems: number][] = [
    ['SYSTEM', 'UTC', 'UTC', 0],
    ['+00:00', 'CET', '+00:00', 0],
    ['Etc/UTC', 'CET', 'Etc/UTC', 0],
    ['SYSTEM', 'CET', 'CET', 1],
    ['-05:00', 'UTC', '-05:00', 1],
    ['America/Los_Angeles', 'UTC', 'America/Los_Angeles', 1],
  ];
  for (const [time_zone, system_time_zone, zone, count] of cases) {
    const facts = server('mysql', { time_zone, system_time_zone });
    assert.equal(serverTimeZone(facts), zone);
    assert.equal(timeZoneProblems(facts, undefined).length, count, zone);
    assert.equal(timeZoneProblems(facts, 'UTC').length, 0);
  }
});
