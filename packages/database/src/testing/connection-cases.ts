import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';

import { ConfigError, RetryableError } from '@scoreline/service';

import { connectionLost, sessionConnection, settleTls } from '../connection.ts';
import { one, ownDatabase, ownUser, sourceFrom, type SqlServerName } from './servers.ts';

/** What holds for a connection to either server. */
export function connectionCases(server: SqlServerName): void {
  test(`${server}: values keep every digit, and dates do not depend on any time zone`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    await own.admin.query(
      'CREATE TABLE t (id bigint unsigned, at timestamp(6) NULL, d datetime, j json, f double)',
    );
    await own.admin.query("SET SESSION time_zone = '+05:00'");
    await own.admin.query(`INSERT INTO t VALUES (18446744073709551615, '2026-03-29 07:30:00.123456',
      '2026-03-29 02:30:00', '{"b": 1,  "a": 1.0}', 0.1)`);
    const connection = await sessionConnection(own.source);
    own.cleanUp(() => connection.end());
    const row = await one(connection, 'SELECT * FROM t');
    assert.equal(row['id'], '18446744073709551615');
    assert.equal(row['at'], '2026-03-29 02:30:00.123456');
    assert.equal(row['d'], '2026-03-29 02:30:00');
    assert.equal(typeof row['j'], 'string');
    assert.equal(row['f'], 0.1);
  });

  test(`${server}: a wrong password, user or database is a wrong setting, in words without the password`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    const weak = await ownUser(own, []);
    const cases: [change: object, code: string, message: RegExp][] = [
      [
        { password: 'hush-hush' },
        'source-access-denied',
        /^database_dsn \(u_.*\): the server refuses user "u_\w+" with the given password$/,
      ],
      [{ password: '' }, 'source-access-denied', /without a password$/],
      [{ user: 'nobody', password: 'hush-hush' }, 'source-access-denied', /refuses user "nobody"/],
      [{}, 'source-no-database', /there is no database "db_\w+", or "u_\w+" may not see it/],
      [
        { ...own.source, database: 'nonexistent' },
        'source-no-database',
        /there is no database "nonexistent"/,
      ],
    ];
    for (const [change, code, message] of cases) {
      await assert.rejects(sessionConnection({ ...weak, ...change }), (error: Error) => {
        assert.ok(error instanceof ConfigError, error.message);
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message + error.remedy, /hush|pass word/);
        return true;
      });
    }
  });

  test(`${server}: a server that does not answer is a wrong setting at the start, and comes back later`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    const gone = { ...own.source, port: 1 };
    await assert.rejects(
      sessionConnection(gone, { stage: 'start' }),
      (error: Error) =>
        error instanceof ConfigError &&
        /^database_dsn \(.*:1\/.*\): cannot connect: .*ECONNREFUSED/.test(error.message),
    );
    await assert.rejects(sessionConnection(gone), RetryableError);
    await assert.rejects(
      sessionConnection({ ...own.source, host: 'no-such-host.invalid' }, { stage: 'start' }),
      (error: Error) => error instanceof ConfigError && /no-such-host\.invalid/.test(error.message),
    );
  });

  test(`${server}: tls=preferred and skip-verify take what the server offers, tls=true asks who it is`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    const named = { ...own.source, host: 'localhost' };
    const offered = await offersTls(named);
    const preferred = await sessionConnection({ ...named, tls: 'preferred' });
    own.cleanUp(() => preferred.end());
    const { Value: cipher } = await one(preferred, "SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    assert.equal(cipher !== '', offered);
    assert.equal(
      (await settleTls({ ...named, tls: 'preferred' })).tls,
      offered ? 'skip-verify' : 'false',
    );
    assert.equal((await settleTls(named)).tls, 'false');
    await assert.rejects(
      sessionConnection({ ...named, tls: 'true' }),
      (error: Error) =>
        error instanceof ConfigError &&
        error.code === (offered ? 'source-certificate' : 'source-no-tls'),
    );
  });

  test(`${server}: a user who must use TLS and does not is told so`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    const strict = await ownUser(own, [`SELECT ON ${own.source.database}.*`]);
    await own.admin.query(`ALTER USER ${strict.user}@'%' REQUIRE SSL`);
    await assert.rejects(
      sessionConnection(strict),
      (error: Error) => error instanceof ConfigError && error.code === 'source-access-denied',
    );
  });

  test(`${server}: who holds a connection learns that it is gone`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    const connection = await sessionConnection(own.source);
    const lost = connectionLost(connection);
    const { id } = await one(connection, 'SELECT CONNECTION_ID() AS id');
    await own.admin.query(`KILL ${String(id)}`);
    assert.ok((await lost) instanceof Error);
  });

  test(`${server}: an abort ends connecting`, async (t) => {
    const own = await ownDatabase(t, server);
    if (!own) return;
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    t.after(() => silent.close());
    const { port } = silent.address() as { port: number };
    const controller = new AbortController();
    const connecting = sessionConnection({ ...own.source, port }, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('stopping')), 20);
    await assert.rejects(connecting, /stopping/);
    const impatient = sourceFrom(`u:p@tcp(127.0.0.1:${port})/x?timeout=50ms`);
    await assert.rejects(sessionConnection(impatient), RetryableError);
  });
}

async function offersTls(source: Parameters<typeof sessionConnection>[0]): Promise<boolean> {
  try {
    await (await sessionConnection({ ...source, tls: 'skip-verify' })).end();
    return true;
  } catch (error) {
    if ((error as ConfigError).code === 'source-no-tls') return false;
    throw error;
  }
}
