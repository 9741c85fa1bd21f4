import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { sampleRange, sampleRow } from '@scoreline/landing/testing';
import { Authority } from '@scoreline/local';
import type { ConfigError } from '@scoreline/service';
import { needServer } from '@scoreline/testing';

import { type TestDatabase, testDatabase } from './testing/database.ts';
import { FIRST, SIGNAL, testSink } from './testing/test-sink.ts';
import { tlsProxy } from './testing/tls-proxy.ts';

interface Encrypted {
  readonly database: TestDatabase;
  readonly authority: Authority;
  /** With ch_http_url, where the server shows a certificate for `name`. */
  readonly env: Readonly<Record<string, string>>;
}

async function encrypted(t: TestContext, name = 'localhost'): Promise<Encrypted | null> {
  const dsn = needServer(t, 'clickhouse');
  if (!dsn) return null;
  const dir = await mkdtemp(join(tmpdir(), 'scoreline-ch-tls-'));
  t.after(() => rm(dir, { recursive: true }));
  const authority = await Authority.create(join(dir, 'ca'));
  const database = await testDatabase(t, dsn);
  const http = process.env['CH_HTTP_URL'] ?? 'http://127.0.0.1:8123';
  const url = await tlsProxy(t, http, await authority.issue(name));
  return { database, authority, env: { ...database.env, ch_http_url: url } };
}

test('rows land over TLS, from a server whose authority is in ch_tls_ca', async (t) => {
  const server = await encrypted(t);
  if (!server) return;
  const { database, authority, env } = server;
  const sink = testSink(t, { ...env, ch_tls_ca: authority.file });
  await sink.start();
  const rows = Array.from({ length: 2000 }, (_, i) => sampleRow(i + 1));
  await sink.write(sampleRange(rows), FIRST, SIGNAL);
  assert.deepEqual(await database.rows(), rows);
});

/** Each makes the start fail, told as a matter of the certificate. */
const REFUSED = {
  'of an authority that nobody has named': { name: 'localhost', trusted: false },
  'for another name': { name: 'clickhouse.example', trusted: true },
};

for (const [what, { name, trusted }] of Object.entries(REFUSED)) {
  test(`a certificate ${what} is refused`, async (t) => {
    const server = await encrypted(t, name);
    if (!server) return;
    const ca = trusted ? { ch_tls_ca: server.authority.file } : {};
    await assert.rejects(testSink(t, { ...server.env, ...ca }).start(), (error: ConfigError) => {
      assert.equal(error.action, 'configure');
      assert.equal(error.code, 'clickhouse-unreachable');
      assert.match(error.message, /certificate/i);
      assert.match(error.remedy ?? '', /ch_tls_ca/);
      return true;
    });
  });
}
