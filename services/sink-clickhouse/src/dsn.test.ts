import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ignoredParameters, parseDsn } from './dsn.ts';

const CASES: Record<
  string,
  { dsn: string; http?: string; is: Partial<ReturnType<typeof parseDsn>> }
> = {
  'as the archiver writes it': {
    dsn: 'tcp://ch.example:9000/ntp?debug=false&compress=lz4',
    is: { url: 'http://ch.example:8123', database: 'ntp', username: 'default', password: '' },
  },
  'without a port': { dsn: 'tcp://ch.example/ntp', is: { url: 'http://ch.example:8123' } },
  TLS: { dsn: 'tcp://ch.example:9440/ntp', is: { url: 'https://ch.example:8443' } },
  'another scheme of the same driver': {
    dsn: 'clickhouse://ch.example:9000/ntp',
    is: { url: 'http://ch.example:8123' },
  },
  'user and password, escaped': {
    dsn: 'tcp://a%40b:p%2Fw@ch.example:9000/ntp',
    is: { username: 'a@b', password: 'p/w' },
  },
  'user and password as parameters, as the old driver took them': {
    dsn: 'tcp://ch.example:9000?username=a&password=b&database=ntp',
    is: { username: 'a', password: 'b', database: 'ntp' },
  },
  'no database': { dsn: 'tcp://ch.example:9000', is: { database: 'default' } },
  http: { dsn: 'http://ch.example:18123/ntp', is: { url: 'http://ch.example:18123' } },
  https: { dsn: 'https://ch.example/ntp', is: { url: 'https://ch.example' } },
  'ch_http_url wins': {
    dsn: 'tcp://u:p@ch.example:19000/ntp',
    http: 'https://proxy.example:444',
    is: { url: 'https://proxy.example:444', username: 'u', password: 'p', database: 'ntp' },
  },
};

for (const [what, { dsn, http, is }] of Object.entries(CASES)) {
  test(`ch_dsn: ${what}`, () => {
    assert.deepEqual({ ...parseDsn(dsn, http), ...is }, parseDsn(dsn, http));
  });
}

const REFUSED: Record<string, { dsn: string; says: RegExp }> = {
  'no URL': { dsn: 'ch.example', says: /ch_dsn is not a URL/ },
  'another scheme': { dsn: 'mysql://ch.example/ntp', says: /ch_dsn is not a URL such as tcp:/ },
  'no scheme, but a user': {
    dsn: 'default:hunter2@ch.example/ntp',
    says: /ch_dsn is not a URL such as tcp:/,
  },
  'a port that stands for nothing': { dsn: 'tcp://ch.example:19000/ntp', says: /ch_http_url/ },
  'unknown parameters': {
    dsn: 'tcp://ch.example:9000/ntp?debug=1&alt_hosts=a&secure=1',
    says: /alt_hosts, secure/,
  },
};

for (const [what, { dsn, says }] of Object.entries(REFUSED)) {
  test(`ch_dsn is refused: ${what}`, () => {
    assert.throws(
      () => parseDsn(dsn),
      (error: Error & { exitCode?: number }) => {
        assert.match(error.message, says);
        assert.equal(error.exitCode, 2);
        return true;
      },
    );
  });
}

test('an error about ch_dsn does not show the password', () => {
  assert.throws(
    () => parseDsn('tcp://u:secret@ch.example:19000/ntp'),
    (error: Error) => !error.message.includes('secret'),
  );
});

test('parameters without effect are told', () => {
  assert.deepEqual(ignoredParameters('tcp://h:9000/ntp?debug=false&compress=lz4&username=u'), [
    'debug',
    'compress',
  ]);
});
