import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { type Database, Databases } from '@scoreline/local';
import { needServer, until } from '@scoreline/testing';

import { EVENT } from './event-codes.ts';
import { OpenedStream } from './testing/opened-stream.ts';
import { TcpProxy } from './testing/tcp-proxy.ts';

// A server of their own: they change its settings, and kill what they find on it.
const servers = new Databases();
after(() => servers.destroy());
let started: Promise<Database> | undefined;

async function server(t: TestContext): Promise<Database | null> {
  if (needServer(t, 'mariadb') === '') return null;
  started ??= servers.start({ flavour: 'mariadb' });
  return started;
}

/** Its dump runs: what was queued before has been answered. */
async function running(opened: OpenedStream): Promise<OpenedStream> {
  await until(() => opened.stream.bytes > 0, { what: 'the dump' });
  return opened;
}

const heartbeats = (opened: OpenedStream): number => opened.stream.events[EVENT.HEARTBEAT]!;
const QUICK = { timeoutMs: 10_000 };

// Z4: zongji asks for none, and an idle source says nothing at all.
test('a source that writes nothing is heard all the same', async (t) => {
  const database = await server(t);
  if (!database) return;
  const opened = await OpenedStream.start(t, database);
  await until(() => heartbeats(opened) > 2, { what: 'heartbeats', ...QUICK });
  assert.deepEqual(opened.failures, []);
});

// Z3: without a word from the server zongji waits for ever.
test('a network that carries nothing any more is noticed', async (t) => {
  const database = await server(t);
  if (!database) return;
  const proxy = await TcpProxy.create(t, '127.0.0.1', database.port);
  const dsn = proxy.through(database.dsn);
  const opened = await running(await OpenedStream.start(t, database, { dsn, timeoutMs: 1_000 }));
  proxy.freeze();
  await until(() => opened.failures.length > 0, { what: 'the loss of the source', ...QUICK });
  assert.equal((opened.failures[0] as { code: string }).code, 'source-silent');
});

// Z5, Z10: zongji tells every error of either connection as one event, and goes on where it can.
test('what the server refuses, and the loss of either connection, ends the stream', async (t) => {
  const database = await server(t);
  if (!database) return;
  const ended = async (opened: OpenedStream): Promise<unknown> => {
    await until(() => opened.failures.length > 0, { what: 'the end of the stream', ...QUICK });
    return opened.failures[0];
  };
  const beyond = { file: (await database.position()).file, offset: 2 ** 30 };
  const refused = await OpenedStream.start(t, database, { from: beyond });
  assert.equal(((await ended(refused)) as { errno: number }).errno, 1236);
  for (const command of ['Binlog Dump', 'Sleep']) {
    const opened = await running(await OpenedStream.start(t, database));
    const [session] = await database.run(
      `SELECT ID AS id FROM information_schema.PROCESSLIST
       WHERE USER = 'scoreline' AND COMMAND = '${command}' ORDER BY ID DESC LIMIT 1`,
    );
    await database.run(`KILL ${String(session?.['id'])}`);
    await ended(opened);
    await opened.stream.close();
  }
});

// Z6: the server ends a dump whose reader takes nothing for net_write_timeout, 60 s by default.
test('a pause that is longer than the server waits for readers loses nothing', async (t) => {
  const database = await server(t);
  if (!database) return;
  await database.run(
    'SET GLOBAL net_write_timeout = 1',
    'CREATE TABLE IF NOT EXISTS pages (body longblob)',
  );
  const opened = await running(await OpenedStream.start(t, database));
  opened.stream.pause();
  assert.ok(opened.stream.paused);
  // More than all buffers on the way hold.
  const pages = Array.from({ length: 40 }, () => "INSERT INTO pages VALUES (REPEAT('x', 1000000))");
  await database.run(...pages);
  await delay(3_000); // three times what the server would wait for by itself
  opened.stream.resume();
  await until(() => opened.count(EVENT.XID) === pages.length || opened.failures.length > 0, {
    what: 'every transaction',
  });
  assert.deepEqual(opened.failures, [], 'the server ended the stream in the pause');
});

// Z16: zongji says that it is server 1; of two readers with one id the server ends the older.
test('streams with server ids of their own leave each other alone', async (t) => {
  const database = await server(t);
  if (!database) return;
  const first = await running(await OpenedStream.start(t, database, { serverId: 7_001 }));
  const second = await running(await OpenedStream.start(t, database, { serverId: 7_002 }));
  const before = heartbeats(first);
  await until(() => first.failures.length > 0 || heartbeats(first) > before + 2, {
    what: 'heartbeats',
  });
  assert.deepEqual([...first.failures, ...second.failures], [], 'one stream ended the other');
});
