import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { IDENTITY_QUERY, identityOf, parseDsn, type Source } from '@scoreline/database';
import type { SourceIdentity } from '@scoreline/ledger';
import { RetryableError } from '@scoreline/service';
import type { RowDataPacket } from 'mysql2/promise';

import { SourcePoller } from './source-poller.ts';
import { SourceDatabase } from './testing/source-database.ts';
import { TcpProxy } from './testing/tcp-proxy.ts';

const forever = new AbortController().signal;

function refusedWith(says: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof RetryableError);
    assert.equal(error.code, 'source-poll');
    assert.match(error.message, says);
    return true;
  };
}

async function through(t: TestContext, serverId?: number) {
  const database = await SourceDatabase.create(t, 'mariadb');
  if (database === null) return null;
  const { host, port } = parseDsn(database.dsn);
  const proxy = await TcpProxy.create(t, host, port);
  const source: Source = {
    ...parseDsn(proxy.through(database.dsn)),
    table: 'log_scores',
    timeZone: undefined,
    tlsCa: undefined,
    origin: 'database_dsn',
  };
  const [rows] = await database.admin.query<RowDataPacket[]>(IDENTITY_QUERY);
  const identity: SourceIdentity = identityOf(rows);
  const poller = new SourcePoller(
    source,
    serverId === undefined ? identity : { ...identity, serverUuid: `${serverId}-0` },
  );
  t.after(() => poller.close());
  return { database, proxy, poller };
}

test('the source says where its binlog ends, on its own clock', async (t) => {
  const made = await through(t);
  if (made === null) return;
  const { database, poller } = made;
  const before = await poller.ask(forever);
  await database.createTable();
  const after = await poller.ask(forever);
  const [[row]] = await database.admin.query<RowDataPacket[]>('SHOW MASTER STATUS');
  assert.ok(
    before.position.file < after.position.file || before.position.offset < after.position.offset,
  );
  // Another test may have begun the next file meanwhile.
  assert.ok(after.position.file <= String(row?.['File']));
  assert.ok(Math.abs(after.nowMs - Date.now()) < 60_000);
});

test('a limit to the size of all binlogs comes with their sizes', async (t) => {
  const made = await through(t);
  if (made === null) return;
  const { database, poller } = made;
  assert.equal((await poller.ask(forever)).size, null);
  // Far above what a test server holds, so that nothing is purged.
  await database.admin.query('SET GLOBAL max_binlog_total_size = 1000000000000');
  try {
    const { size, position } = await poller.ask(forever);
    assert.equal(size?.maxBytes, 1_000_000_000_000);
    assert.equal(size.files.at(-1)?.name, position.file);
    assert.ok(size.files.at(-1)!.bytes >= position.offset);
  } finally {
    await database.admin.query('SET GLOBAL max_binlog_total_size = DEFAULT');
  }
});

test('a connection that was lost is replaced at the next question', async (t) => {
  const made = await through(t);
  if (made === null) return;
  const { proxy, poller } = made;
  await poller.ask(forever);
  proxy.cut();
  await assert.rejects(poller.ask(forever), refusedWith(/does not say where its binlog ends/));
  await poller.ask(forever);
});

test('a stop does not wait for a source that is gone without a word', async (t) => {
  const made = await through(t);
  if (made === null) return;
  const { proxy, poller } = made;
  await poller.ask(forever);
  proxy.freeze();
  const stop = new AbortController();
  const asked = poller.ask(stop.signal);
  stop.abort(new Error('stopped'));
  await assert.rejects(asked, /^Error: stopped$/);
});

test('another server behind the same address is not asked', async (t) => {
  const made = await through(t, 4_242);
  if (made === null) return;
  await assert.rejects(made.poller.ask(forever), refusedWith(/another server answers/));
});
