import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ignoredParameters, parseDsn } from './dsn.ts';

const CASES: Record<
  string,
  { dsn: string; http?: readonly string[]; is: Partial<ReturnType<typeof parseDsn>> }
> = {
  'as the archiver writes it': {
    dsn: 'tcp://ch.example:9000/ntp?debug=false&compress=lz4',
    is: { urls: ['http://ch.example:8123'], database: 'ntp', username: 'default', password: '' },
  },
  'without a port': { dsn: 'tcp://ch.example/ntp', is: { urls: ['http://ch.example:8123'] } },
  TLS: { dsn: 'tcp://ch.example:9440/ntp', is: { urls: ['https://ch.example:8443'] } },
  'another scheme of the same driver': {
    dsn: 'clickhouse://ch.example:9000/ntp',
    is: { urls: ['http://ch.example:8123'] },
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
  http: { dsn: 'http://ch.example:18123/ntp', is: { urls: ['http://ch.example:18123'] } },
  https: { dsn: 'https://ch.example/ntp', is: { urls: ['https://ch.example'] } },
  'several hosts': {
    dsn: 'tcp://u:p@a.example:9000,b.example:9440,[::1]/ntp?compress=br',
    is: {
      urls: ['http://a.example:8123', 'https://b.example:8443', 'http://[::1]:8123'],
      username: 'u',
      password: 'p',
      database: 'ntp',
      compression: { codec: 'br', quality: 1 },
    },
  },
  'ch_http_url wins with several hosts': {
    dsn: 'tcp://a.example:9000,b.example:9000/ntp',
    http: ['http://a.example:1', 'http://b.example:2'],
    is: { urls: ['http://a.example:1', 'http://b.example:2'] },
  },
  'what the archiver packs with': { dsn: 'tcp://h?compress=lz4', is: { compression: null } },
  'no packing': { dsn: 'tcp://h?compress=none', is: { compression: null } },
  gzip: { dsn: 'tcp://h?compress=gzip', is: { compression: { codec: 'gzip', level: 1 } } },
  'ch_http_url wins': {
    dsn: 'tcp://u:p@ch.example:19000/ntp',
    http: ['https://proxy.example:444'],
    is: { urls: ['https://proxy.example:444'], username: 'u', password: 'p', database: 'ntp' },
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
  'the same host twice': { dsn: 'tcp://a,b,a:9000/ntp', says: /names http:\/\/a:8123 twice/ },
  'a host too few': { dsn: 'tcp://a,/ntp', says: /ch_dsn is not a URL/ },
  'a compression that is none': {
    dsn: 'tcp://h?compress=snappy',
    says: /compress=snappy.*gzip, br/,
  },
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
  const dsn = 'tcp://h:9000,i:9000/ntp?debug=false&compress=lz4&username=u';
  const [debug, compress, ...more] = ignoredParameters(dsn);
  assert.equal(debug, 'debug');
  assert.match(compress ?? '', /^compress=lz4 .*compress=gzip/);
  assert.deepEqual(more, []);
  assert.deepEqual(ignoredParameters('tcp://h/ntp?compress=gzip'), []);
});
