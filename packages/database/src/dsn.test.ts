import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { type Dsn, DsnError, parseDsn, redactDsn } from './dsn.ts';

const plain: Dsn = {
  user: 'u',
  password: 'p',
  host: 'db',
  port: 3306,
  database: 'ntp',
  tls: 'false',
  connectTimeoutMs: 10_000,
  ignored: [],
};

test('a DSN is read as the Go driver reads it', () => {
  const cases: [text: string, differs: Partial<Dsn>][] = [
    ['u:p@tcp(db:3306)/ntp', {}],
    ['u:p@tcp(db)/ntp', {}],
    ['u:p@tcp(db:3307)/ntp', { port: 3307 }],
    ['u:p@tcp([::1]:3307)/ntp', { host: '::1', port: 3307 }],
    ['u:p@tcp([::1])/ntp', { host: '::1' }],
    ['u:p@tcp/ntp', { host: '127.0.0.1' }],
    ['u:p@/ntp', { host: '127.0.0.1' }],
    ['u@tcp(db)/ntp', { password: '' }],
    ['u:@tcp(db)/ntp', { password: '' }],
    ['tcp(db)/ntp', { user: '', password: '' }],
    ['u:p@tcp(db)/', { database: '' }],
    ['u:p@tcp(db)/n%2Ftp', { database: 'n/tp' }],
    ['u:a:b@c/d?e(f)@tcp(db)/ntp', { password: 'a:b@c/d?e(f)' }],
    ['u:p%40@tcp(db)/ntp', { password: 'p%40' }],
    ['u:p@unix(/run/mysqld.sock)/ntp', { host: 'localhost', socketPath: '/run/mysqld.sock' }],
    ['u:p@unix/ntp', { host: 'localhost', socketPath: '/tmp/mysql.sock' }],
    ['u:p@tcp(db)/ntp?tls=true', { tls: 'true' }],
    [
      'u:p@tcp(db)/ntp?tls=skip-verify&timeout=1m30s',
      { tls: 'skip-verify', connectTimeoutMs: 90_000 },
    ],
    ['u:p@tcp(db)/ntp?tls=preferred', { tls: 'preferred' }],
    ['u:p@tcp(db)/ntp?connectionAttributes=a@b', { ignored: ['connectionAttributes'] }],
    [
      'u:p@tcp(db)/ntp?parseTime=true&loc=Europe%2FBerlin&charset=utf8mb4',
      { ignored: ['parseTime', 'loc', 'charset'] },
    ],
  ];
  for (const [text, differs] of cases)
    assert.deepEqual(parseDsn(text), { ...plain, ...differs }, text);
});

test('what cannot be meant is refused in words without the password', () => {
  const cases: [text: string, message: RegExp][] = [
    ['', /expected user:password@tcp\(host:3306\)\/database; there is no \//],
    ['u:hush@tcp(db:3306)', /there is no \//],
    ['u:hu/hush@tcp(db:3306)', /there is no \//],
    ['u:hush@hush/hush?hush@tcp(db:3306)', /there is no \//],
    ['u:hush/ntp', /database$/],
    ['mysql://u:hush@db:3306/ntp', /got a URL/],
    ['u:hush@db:3306/ntp', /got "db:3306" where tcp\(host:3306\) should be/],
    ['u:hush@udp(db)/ntp', /got "udp\(db\)"/],
    ['u:hush@tcp(db:0)/ntp', /got "db:0"/],
    ['u:hush@tcp(db:99999)/ntp', /got "db:99999"/],
    ['u:hush@tcp(db:port)/ntp', /got "db:port"/],
    ['u:hush@tcp(::1)/ntp', /\[IPv6\]:port/],
    ['u:hush@tcp(db)/ntp?tls=custom', /the parameter tls is "custom".*database_tls_ca/],
    ['u:hush@tcp(db)/ntp?timeout=soon', /the parameter timeout is "soon"/],
    ['u:hush@tcp(db)/ntp?timeout=0s', /the parameter timeout is "0s"/],
    ['u:hush@tcp(db)/ntp?colour=blue', /unknown parameter "colour"/],
    ["u:hush@tcp(db)/ntp?time_zone='UTC'", /set source_time_zone instead/],
    ['u:hush@tcp(db)/n%tp', /"n%tp" is not URL-encoded/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseDsn(text),
      (error: Error) =>
        error instanceof DsnError && message.test(error.message) && !error.message.includes('hush'),
      text,
    );
  }
});

test('a redacted DSN is the same one without its password', () => {
  assert.equal(redactDsn('u:p@ss@tcp(db:3306)/ntp?tls=true'), 'u:***@tcp(db:3306)/ntp?tls=true');
  assert.equal(redactDsn('u@tcp(db)/ntp'), '***@tcp(db)/ntp');
  assert.equal(redactDsn('mysql://u:hush@db/ntp'), '***@db/ntp');
  assert.equal(redactDsn('tcp(db)/ntp'), 'tcp(db)/ntp');
});

test('whatever the password is, it is read back, and hidden when redacted', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (password) => {
      const text = `user:${password}@tcp(db:3306)/ntp`;
      assert.equal(parseDsn(text).password, password);
      assert.equal(redactDsn(text), 'user:***@tcp(db:3306)/ntp');
    }),
  );
});
