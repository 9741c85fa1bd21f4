import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { Authority, type Database } from '@scoreline/local';
import { until } from '@scoreline/testing';

import { ownServers } from './own-servers.ts';
import { setup } from './setup.ts';
import type { SqlServerName } from './source-database.ts';

/** MySQL's default, said aloud: nobody has authenticated yet, so the server must be told the password. */
const PLUGIN = { mariadb: '', mysql: 'WITH caching_sha2_password ' } as const;
export const PASSWORD = "pass word:?'";

export interface TlsServer {
  readonly database: Database;
  readonly authority: Authority;
}

/**
 * Capture as a user who must use TLS: every connection, the binlog's too, is encrypted. There are the
 * users `secure`, and `plain`, who need not. Returns the server, for more.
 */
export function tlsCases(server: SqlServerName): () => TlsServer {
  let database: Database;
  let authority: Authority;
  ownServers(server, async (servers) => {
    authority = await Authority.create(join(await servers.dir(), 'ca'));
    database = await servers.start({ flavour: server, tls: await authority.issue('localhost') });
    const access = `IDENTIFIED ${PLUGIN[server]}BY "${PASSWORD}"`;
    await database.createUser('secure', `${access} REQUIRE SSL`);
    await database.createUser('plain', access);
    for (const user of ['secure', 'plain']) {
      await database.run(`GRANT SELECT ON \`capture\\_%\`.* TO ${user}@'%'`);
    }
    return database.env;
  });

  const variants = [
    { user: 'secure', tls: 'true' },
    { user: 'secure', tls: 'preferred' },
    ...(server === 'mysql' ? [{ user: 'plain', tls: 'false' }] : []),
  ];
  for (const { user, tls } of variants) {
    test(`${server}: user ${user} captures with tls=${tls}, also after a lost connection`, async (t) => {
      const made = await setup(t, server);
      if (made === null) return;
      const { source, topic, start } = made;
      await source.createTable();
      const capture = await start({
        database_dsn: `${user}:${PASSWORD}@tcp(localhost:${database.port})/${source.name}?tls=${tls}`,
        ...(tls === 'true' ? { database_tls_ca: authority.file } : {}),
      }).ready();
      await source.insert(100);
      if (server === 'mysql')
        assert.deepEqual(await transports(database, user), [
          tls === 'false' ? 'TCP/IP' : 'SSL/TLS',
        ]);
      // MySQL forgets who has authenticated, and wants the password again.
      await database.run('FLUSH PRIVILEGES');
      const dump = `COMMAND LIKE 'Binlog Dump%' AND DB = '${source.name}'`;
      await until(() => source.killSessions(dump), { what: 'a session to kill' });
      await source.insert(100);
      await topic.assertHolds(await source.ids());
      assert.ok(capture.isRunning, capture.said);
    });
  }

  return () => ({ database, authority });
}

/** How the sessions of a user that read the binlog reach MySQL. */
async function transports(database: Database, user: string): Promise<unknown[]> {
  const rows = await database.run(
    `SELECT DISTINCT CONNECTION_TYPE AS transport FROM performance_schema.threads
       WHERE PROCESSLIST_USER = '${user}' AND PROCESSLIST_COMMAND LIKE 'Binlog Dump%'`,
  );
  return rows.map((row) => row['transport'] as unknown);
}
