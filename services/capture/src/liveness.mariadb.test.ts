import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseDsn } from '@scoreline/database';
import { until } from '@scoreline/testing';

import { livenessCases } from './testing/liveness-cases.ts';
import { setup } from './testing/setup.ts';
import { TcpProxy } from './testing/tcp-proxy.ts';

livenessCases('mariadb');

test('a binlog stream that sends heartbeats and no events is begun again, and no row is lost', async (t) => {
  const made = await setup(t, 'mariadb', {
    heartbeat_interval: '200ms',
    source_timeout: '60s',
    fence_interval: '200ms',
    fence_timeout: '2s',
  });
  if (made === null) return;
  const { source, topic, start } = made;
  await source.createTable();
  const { host, port } = parseDsn(source.dsn);
  const proxy = await TcpProxy.create(t, host, port);
  const capture = await start({ database_dsn: proxy.through(source.dsn) }).ready();
  await source.insert(10);
  await topic.read(10);

  proxy.stallsBinlogs = true;
  await source.insert(10);
  const overdue = await until(() => capture.metric('scoreline_capture_fence_overdue_seconds'));
  assert.ok(overdue < 10);
  // The streams that follow stall too.
  await until(async () => (await failures(capture, 'source-stalled')) >= 2);
  const { status, body } = await capture.get('/readyz');
  assert.equal(status, 503);
  assert.match(body, /the binlog stream has stalled/);

  proxy.stallsBinlogs = false;
  await capture.ready();
  await topic.assertHolds(await source.ids());
  assert.equal((await capture.status())['stalledBefore'], null);
  assert.equal(await failures(capture, 'source-silent'), 0, 'heartbeats came all the time');
});

async function failures(
  capture: { get(path: string): Promise<{ body: string }> },
  code: string,
): Promise<number> {
  const { body } = await capture.get('/metrics');
  const [, count] =
    new RegExp(`session_failures_total\\{code="${code}"\\} (\\d+)`).exec(body) ?? [];
  return Number(count ?? 0);
}
