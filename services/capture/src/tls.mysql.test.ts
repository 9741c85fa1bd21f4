import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { IDENTITY_QUERY, identityOf, parseDsn, type Source } from '@scoreline/database';
import { needServer } from '@scoreline/testing';

import { BinlogStream } from './binlog-stream.ts';
import { EVENT } from './event-codes.ts';
import { PASSWORD, tlsCases } from './testing/tls-cases.ts';

const server = tlsCases('mysql');

test('mysql: a binlog connection tells a password that the server forgot, by TLS and by its RSA key', async (t) => {
  if (needServer(t, 'mysql') === '' || needServer(t, 'kafka') === '') return;
  const { database, authority } = server();
  const { file } = await database.position();
  const identity = identityOf([...(await database.run(IDENTITY_QUERY))]);
  for (const [user, tls] of [
    ['secure', 'true'],
    ['secure', 'skip-verify'],
    ['plain', 'false'],
  ]) {
    const source: Source = {
      ...parseDsn(`${user}:${PASSWORD}@tcp(localhost:${database.port})/?tls=${tls}`),
      table: 'log_scores',
      timeZone: undefined,
      tlsCa: tls === 'true' ? await readFile(authority.file, 'utf8') : undefined,
      origin: 'database_dsn',
    };
    await database.run('FLUSH PRIVILEGES');
    const from = { file, offset: 4 };
    const options = { source, identity, from, serverId: 77, heartbeatMs: 500, timeoutMs: 5_000 };
    const first = await new Promise<number>((event, failed) => {
      const stream = new BinlogStream(options, {
        event: (_, __, ___, type) => {
          event(type);
          return false;
        },
        more: () => false,
        failed,
      });
      t.after(() => stream.close());
      stream.start();
    });
    assert.equal(first, EVENT.ROTATE, `${user} with tls=${tls}`);
  }
});
