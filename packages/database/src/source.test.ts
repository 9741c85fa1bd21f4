import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { createLog, loadConfig, secretsOf, serviceSettings, withRule } from '@scoreline/service';
import { z } from 'zod';

import { databaseRule, databaseSettings } from './settings.ts';
import { logSource, sourceLabel, sourceOf } from './source.ts';

const settings = withRule(z.object({ ...serviceSettings, ...databaseSettings }), databaseRule);

function load(env: Record<string, string>) {
  return loadConfig(settings, { secrets_path: '/nonexistent', ...env });
}

function folder(t: TestContext, files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'scoreline-source-'));
  t.after(() => rmSync(path, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}

const DSN = 'scoreline:hush-hush@tcp(db:3307)/ntp?tls=skip-verify&parseTime=true';

test('the source comes from database_dsn', () => {
  const source = sourceOf(load({ DATABASE_DSN: DSN }));
  assert.deepEqual(source, {
    user: 'scoreline',
    password: 'hush-hush',
    host: 'db',
    port: 3307,
    database: 'ntp',
    tls: 'skip-verify',
    connectTimeoutMs: 10_000,
    ignored: ['parseTime'],
    origin: 'database_dsn',
    table: 'log_scores',
    timeZone: undefined,
    tlsCa: undefined,
  });
  assert.equal(sourceLabel(source), 'scoreline@db:3307/ntp.log_scores');
});

test('database.yaml wins over database_dsn', (t) => {
  const path = folder(t, { 'database.yaml': 'mysql: {dsn: "file:pw@tcp(other)/db"}' });
  const source = sourceOf(load({ database_dsn: DSN, secrets_path: path }));
  assert.equal(sourceLabel(source), 'file@other:3306/db.log_scores');
  assert.equal(source.origin, join(path, 'database.yaml'));
});

test('its user, pass and dbname replace those of the DSN, also when that is in the environment', (t) => {
  const path = folder(t, { 'database.yaml': 'mysql: {user: me, pass: new-secret, dbname: other}' });
  const config = load({ database_dsn: DSN, secrets_path: path });
  const source = sourceOf(config);
  assert.equal(sourceLabel(source), 'me@db:3307/other.log_scores');
  assert.equal(source.password, 'new-secret');
  assert.equal(source.origin, 'database_dsn');
  assert.equal(secretsOf(config).scrub('new-secret hush-hush'), '[redacted] [redacted]');
});

test('what is wrong is told by the name of the setting and its file, and never shows the password', (t) => {
  const path = folder(t, { 'database.yaml': 'mysql: {dsn: "u:hush@tcp(db)/ntp?colour=blue"}' });
  const noDsn = folder(t, { 'database.yaml': 'mysql: {pass: hush}' });
  const ca = { database_tls_ca: '/nonexistent/ca.pem' };
  const cases: [env: Record<string, string>, message: RegExp][] = [
    [{}, /^ {2}database_dsn: required: user:password@tcp\(host:3306\)\/database$/m],
    [{ database_dsn: 'u:hush@tcp(db)/' }, /^ {2}database_dsn: names no database/m],
    [{ database_dsn: 'tcp(db)/ntp' }, /^ {2}database_dsn: names no user/m],
    [
      { database_dsn: 'u:hush@tcp(db)/ntp?colour=blue' },
      /^ {2}database_dsn: unknown parameter "colour"/m,
    ],
    [{ secrets_path: path }, /^ {2}database_dsn: in .*database\.yaml: unknown parameter "colour"/m],
    [{ secrets_path: noDsn }, /^ {2}database_dsn: required: .*as .*database\.yaml has no dsn$/m],
    [{ database_dsn: 'u:hush@tcp(10.0.0.1)/ntp?tls=true' }, /tls=true needs the host name/],
    [
      { database_dsn: 'u:hush@tcp(db)/ntp?tls=true', ...ca },
      /^ {2}database_tls_ca: cannot read \/nonexistent/m,
    ],
    [{ database_dsn: 'u:hush@tcp(db)/ntp', ...ca }, /^ {2}database_tls_ca: has no effect unless/m],
    [{ database_dsn: DSN, table: 'users' }, /^ {2}table: "users" is not one of app_valid_tables/m],
    [
      { database_dsn: DSN, app_default_table: 'users' },
      /^ {2}app_default_table: "users" is not one of/m,
    ],
    [
      { database_dsn: DSN, source_time_zone: 'Europe/Berlin' },
      /^ {2}source_time_zone: expected UTC or an offset/m,
    ],
  ];
  for (const [env, message] of cases) {
    assert.throws(
      () => load(env),
      (error: Error) => message.test(error.message) && !error.message.includes('hush'),
      message.source,
    );
  }
});

test('several of these are told at once', () => {
  assert.throws(
    () => load({ table: 'users', http_port: 'x' }),
    /http_port: [^]*database_dsn: required[^]*table: "users"/,
  );
});

test('the table is one of those that may be captured', () => {
  const other = load({
    database_dsn: DSN,
    TABLE: 'scores',
    app_valid_tables: 'log_scores, scores',
  });
  assert.equal(sourceOf(other).table, 'scores');
  const byDefault = load({ database_dsn: DSN, app_default_table: 'log_scores_test' });
  assert.equal(sourceOf(byDefault).table, 'log_scores_test');
});

test('time zones are read in every form that a server writes', () => {
  const cases: [given: string, zone: string][] = [
    ['utc', 'UTC'],
    ['+00:00', 'UTC'],
    ['+02:00', '+02:00'],
    ['-09:30', '-09:30'],
    ['Etc/UTC', 'UTC'],
  ];
  for (const [given, zone] of cases) {
    assert.equal(sourceOf(load({ database_dsn: DSN, source_time_zone: given })).timeZone, zone);
  }
});

test('the log tells which source was found, and what in its DSN does nothing', () => {
  const config = load({ database_dsn: DSN });
  const lines: string[] = [];
  logSource(sourceOf(config), createLog('test', config, { write: (line) => lines.push(line) }));
  const output = lines.join('');
  assert.match(output, /scoreline@db:3307\/ntp\.log_scores/);
  assert.match(output, /\["parseTime"\]/);
  assert.doesNotMatch(output, /hush/);
});
