import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KafkaProxy, needServer, until } from '@scoreline/testing';

import { MemoryDestination, MemorySink, pipeline, startSink } from './testing/index.ts';

const IDS = 200;

test('connections to the broker that carry nothing any more are replaced, all of them', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  const proxy = await KafkaProxy.create(brokers);
  t.after(() => proxy.close());
  const config = {
    ...p.config,
    kafka_brokers: [proxy.address],
    kafka_request_timeout: 1_000,
    // The group waits so long for the member that nobody has heard of again.
    session_timeout: 6_000,
  };
  const sink = new MemorySink(new MemoryDestination());
  const running = await startSink(t, sink, config);
  await p.produceIds(1, IDS + 1);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  // The consumer's two, and that over which offsets are looked at.
  assert.equal(proxy.freeze(), 3);
  await p.produceIds(IDS + 1, 2 * IDS + 1);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0 without the dead' });
  assert.ok(proxy.swallowed > 0);
  assert.deepEqual(
    sink.destination.ids(),
    Array.from({ length: 2 * IDS }, (_, i) => i + 1),
  );
  assert.deepEqual(sink.destination.twice(), []);
  await running.stop();
});
