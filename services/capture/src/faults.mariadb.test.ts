import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { test, type TestContext } from 'node:test';

import { parseDsn } from '@scoreline/database';
import { needServer, until } from '@scoreline/testing';

import { setup } from './testing/setup.ts';
import { TcpProxy } from './testing/tcp-proxy.ts';

test('a producer that takes its transactional id is fenced again, and no row is lost', async (t) => {
  const made = await setup(t, 'mariadb');
  if (made === null) return;
  const { source, topic, start } = made;
  await source.createTable();
  const capture = await start().ready();
  for (let round = 0; round < 3; round++) {
    await source.insert(50);
    const thief = topic.kafka.producer({
      transactionalId: `${topic.prefix}scoreline-capture-log_scores`,
      retry: { retries: 0 },
    });
    await thief.connect();
    const transaction = await thief.transaction();
    await transaction.abort();
    await thief.disconnect();
    await source.insert(50);
    await topic.read(100 * (round + 1));
  }
  await topic.assertHolds(await source.ids());
  assert.ok(capture.isRunning, 'it holds the lock, and so may fence');
  const failures = (await capture.get('/metrics')).body
    .split('\n')
    .filter((line) => line.startsWith('scoreline_capture_session_failures_total{'));
  assert.deepEqual(failures, [
    'scoreline_capture_session_failures_total{code="producer-fenced"} 3',
  ]);
});

test('a topic that is made anew under a running capture stops it', async (t) => {
  const made = await setup(t, 'mariadb');
  if (made === null) return;
  const { source, topic, start } = made;
  await source.createTable();
  const capture = await start().ready();
  await source.insert(600);
  await topic.read(600);
  await topic.admin.deleteTopics({ topics: [topic.topic] });
  await topic.admin.createTopics({ topics: [{ topic: topic.topic, numPartitions: 6 }] });
  await source.insert(600);
  assert.equal(await capture.exited(), 1, capture.said);
  assert.equal(capture.failure?.code, 'topic-truncated');
  assert.deepEqual(await topic.read(1, 2_000), [], 'nothing is committed behind a gap');
});

test('a registry that goes away after the start does not matter', async (t) => {
  const registry = needServer(t, 'registry');
  if (registry === '') return;
  const { proxy, url } = await proxyTo(t, registry);
  const made = await setup(t, 'mariadb', { schema_registry_url: url, initial: 'all' });
  if (made === null) return;
  const { source, topic, start } = made;
  await source.createTable();
  const capture = await start().ready();
  proxy.closeAllConnections();
  proxy.close();
  await source.insert(100);
  await source.killSessions(`COMMAND LIKE 'Binlog Dump%' AND DB = '${source.name}'`);
  await source.insert(100);
  await topic.assertHolds(await source.ids());
  assert.equal((await capture.get('/readyz')).status, 200);
});

test('an idle table does not hold the checkpoint back', async (t) => {
  const made = await setup(t, 'mariadb');
  if (made === null) return;
  const { source, topic, start } = made;
  await source.createTable();
  const capture = await start().ready();
  const before = await topic.checkpoint();
  await source.admin.query('CREATE TABLE other (a int)');
  await source.admin.query('INSERT INTO other VALUES (1)');
  const moved = await until(async () => {
    const { position } = await topic.checkpoint();
    return position.offset > before.position.offset ? position : null;
  });
  assert.ok(moved);
  assert.equal(await capture.metric('scoreline_capture_rows_published_total'), 0);
  assert.ok((await capture.metric('scoreline_capture_lag_seconds')) < 2);
});

test('a source that falls silent is left, and connected to again', async (t) => {
  const made = await setup(t, 'mariadb', { heartbeat_interval: '200ms', source_timeout: '2s' });
  if (made === null) return;
  const { source, topic, start } = made;
  await source.createTable();
  const { host, port } = parseDsn(source.dsn);
  const proxy = await TcpProxy.create(t, host, port);
  const capture = await start({ database_dsn: proxy.through(source.dsn) }).ready();
  await source.insert(10);
  await topic.read(10);
  // No end, no reset: only the heartbeats are missing. The oldest connection holds the lock.
  assert.ok(proxy.freezeYounger() > 0);
  await source.insert(10);
  await topic.assertHolds(await source.ids());
  assert.ok(capture.isRunning);
  const { body } = await capture.get('/metrics');
  assert.match(body, /session_failures_total\{code="source-silent"\} 1/);
});

/** What stands before a server that has to go away. */
async function proxyTo(t: TestContext, target: string): Promise<{ proxy: Server; url: string }> {
  const { origin, pathname } = new URL(target);
  const proxy = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const answer = await fetch(origin + request.url, {
        method: request.method ?? 'GET',
        headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
        ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(await answer.text());
    })();
  }).listen(0, '127.0.0.1');
  t.after(() => proxy.close());
  await new Promise((resolve) => proxy.once('listening', resolve));
  const { port } = proxy.address() as { port: number };
  return { proxy, url: `http://127.0.0.1:${port}${pathname}` };
}
