import assert from 'node:assert/strict';
import { test } from 'node:test';

import { passwordIn, Secrets } from './secrets.ts';

test('the password of a DSN or URL is found', () => {
  const cases: [dsn: string, password: string | undefined][] = [
    ['user:pass@tcp(db:3306)/ntp', 'pass'],
    ['user:p@ss/w:rd@tcp(db:3306)/ntp?tls=true', 'p@ss/w:rd'],
    ['user:pass@/ntp', 'pass'],
    ['https://user:pass@host/x', 'pass'],
    ['user@tcp(db:3306)/ntp', undefined],
    ['tcp(db:3306)/ntp', undefined],
    ['http://host:8123/', undefined],
  ];
  for (const [dsn, password] of cases) assert.equal(passwordIn(dsn), password, dsn);
});

test('a secret, its password and their URL-encoded forms are scrubbed', () => {
  const secrets = new Secrets();
  secrets.add('user:p%40ss word@tcp(db:3306)/ntp');
  for (const seen of [
    'p%40ss word',
    'p@ss word',
    'p%2540ss%20word',
    'user:p%40ss word@tcp(db:3306)/ntp',
  ]) {
    assert.equal(secrets.scrub(`<${seen}>`), '<[redacted]>', seen);
  }
});

test('a scrubbed line of JSON is still JSON with its numbers untouched', () => {
  const secrets = new Secrets();
  secrets.add('1234');
  secrets.add('quo"te\\');
  const line = `${JSON.stringify({ offset: 12345, list: ['a1234', { x: 'quo"te\\!' }], none: null })}\n`;
  assert.deepEqual(JSON.parse(secrets.scrubJson(line)), {
    offset: 12345,
    list: ['a[redacted]', { x: '[redacted]!' }],
    none: null,
  });
});

test('a line without secrets is passed on as it is', () => {
  const secrets = new Secrets();
  secrets.add('hush');
  const line = '{"a" : 1}\n';
  assert.equal(secrets.scrubJson(line), line);
});

test('a password that is its user’s name does not make that name vanish from every message', () => {
  const secrets = new Secrets();
  secrets.add('scoreline:scoreline@tcp(db:3306)/ntp');
  assert.equal(secrets.scrub('scoreline-capture as scoreline'), 'scoreline-capture as scoreline');
  assert.equal(secrets.scrub('<scoreline:scoreline@tcp(db:3306)/ntp>'), '<[redacted]>');
});

test('a secret inside a longer one does not leave the rest of it', () => {
  const secrets = new Secrets();
  secrets.add('hush');
  secrets.add('hush-hush-more');
  assert.equal(secrets.scrub('hush-hush-more hush'), '[redacted] [redacted]');
});
