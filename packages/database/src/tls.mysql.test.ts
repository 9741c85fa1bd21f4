import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConfigError } from '@scoreline/service';

import { sessionConnection } from './connection.ts';
import type { Source } from './source.ts';
import { cipher, tlsCases } from './testing/tls-cases.ts';

const server = tlsCases('mysql');

test("mysql: caching_sha2_password works with TLS, and without it by the server's RSA key", async (t) => {
  const own = await server(t);
  if (!own) return;
  const password = 'pass word:/@?"\\';
  await own.database.run(
    `CREATE USER sha2@'%' IDENTIFIED WITH caching_sha2_password BY ${JSON.stringify(password)}`,
    "GRANT SELECT ON ntp.* TO sha2@'%'",
  );
  for (const tls of ['false', 'preferred', 'skip-verify', 'true']) {
    const authority = tls === 'true' ? { database_tls_ca: own.authority.file } : {};
    const source: Source = { ...own.source(tls, authority), user: 'sha2', password };
    // The server knows the password no more: it must be told it, and not only that we know it.
    await own.database.run('FLUSH PRIVILEGES');
    assert.equal((await cipher(source)) === '', tls === 'false');
    await own.database.run('FLUSH PRIVILEGES');
    await assert.rejects(
      sessionConnection({ ...source, password: 'another' }),
      (error: Error) => error instanceof ConfigError && error.code === 'source-access-denied',
    );
  }
});

test('mysql: a caching_sha2_password user who must use TLS is let in with it only', async (t) => {
  const own = await server(t);
  if (!own) return;
  await own.database.run("CREATE USER tls_only@'%' IDENTIFIED BY 'secret' REQUIRE SSL");
  await own.database.run("GRANT SELECT ON ntp.* TO tls_only@'%'");
  const user = { user: 'tls_only', password: 'secret' };
  const authority = { database_tls_ca: own.authority.file };
  assert.notEqual(await cipher({ ...own.source('true', authority), ...user }), '');
  await assert.rejects(
    sessionConnection({ ...own.source('false'), ...user }),
    (error: Error) => error instanceof ConfigError && error.code === 'source-access-denied',
  );
});
