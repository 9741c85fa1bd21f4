import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';

import { Authority, Databases } from '@scoreline/local';
import { ConfigError } from '@scoreline/service';
import { needServer } from '@scoreline/testing';

import { sessionConnection, settleTls } from '../connection.ts';
import type { Source } from '../source.ts';
import { one, type SqlServerName } from './servers.ts';
import { TlsServer } from './tls-server.ts';

type StartedServer = (t: TestContext) => Promise<TlsServer> | null;

/** What holds for an encrypted connection to either server. Returns the server, for more. */
export function tlsCases(flavour: SqlServerName): StartedServer {
  const servers = new Databases();
  after(() => servers.destroy());
  let started: Promise<TlsServer> | undefined;
  const server: StartedServer = (t) =>
    needServer(t, flavour) === '' ? null : (started ??= TlsServer.start(servers, flavour));

  test(`${flavour}: tls=true takes the certificate of its authority for the server's name`, async (t) => {
    const own = await server(t);
    if (!own) return;
    const source = own.source('true', { database_tls_ca: own.authority.file });
    assert.notEqual(await cipher(source), '');
    assert.equal((await settleTls(source)).tls, 'true');
  });

  test(`${flavour}: tls=true refuses an authority that it does not know`, async (t) => {
    const own = await server(t);
    if (!own) return;
    const stranger = await Authority.create(join(await servers.dir(), 'stranger'));
    for (const settings of [{ database_tls_ca: stranger.file }, {}]) {
      await refused(own.source('true', settings), 'source-certificate', /not trusted/);
    }
  });

  test(`${flavour}: tls=true refuses a certificate for another name, which skip-verify and preferred take`, async (t) => {
    const own = await server(t);
    if (!own) return;
    const mine = await own.authority.issue('localhost');
    await own.show(await own.authority.issue('db.example'));
    const strict = own.source('true', { database_tls_ca: own.authority.file });
    await refused(strict, 'source-certificate', /localhost is not for this name.*DNS:db\.example/);
    assert.notEqual(await cipher(own.source('skip-verify')), '');
    assert.notEqual(await cipher(own.source('preferred')), '');
    await own.show(mine);
    assert.notEqual(await cipher(strict), '');
  });

  test(`${flavour}: a server that takes encrypted connections only is reached, or says so`, async (t) => {
    const own = await server(t);
    if (!own) return;
    const admin = await own.database.connect();
    t.after(() => admin.end());
    await admin.query('SET GLOBAL require_secure_transport = ON');
    await refused(own.source('false'), 'source-needs-tls', /takes encrypted connections only/);
    assert.notEqual(await cipher(own.source('preferred')), '');
    const settled = await settleTls(own.source('preferred'));
    assert.equal(settled.tls, 'skip-verify');
    await admin.query('SET GLOBAL require_secure_transport = OFF');
  });

  return server;
}

export async function cipher(source: Source): Promise<string> {
  const connection = await sessionConnection(source);
  try {
    const { Value: value } = await one(connection, "SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    return String(value);
  } finally {
    await connection.end();
  }
}

async function refused(source: Source, code: string, message: RegExp): Promise<void> {
  await assert.rejects(sessionConnection(source), (error: Error) => {
    assert.ok(error instanceof ConfigError, error.message);
    assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message);
    assert.match(error.message, /^database_dsn \(scoreline@localhost:\d+\/ntp\.log_scores\): /);
    assert.ok(error.remedy);
    return true;
  });
}
