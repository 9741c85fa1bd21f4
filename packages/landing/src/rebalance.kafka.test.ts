import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { needServer, until } from '@scoreline/testing';

import type { Range } from './range.ts';
import type { WriteAttempt } from './sink.ts';
import { MemoryDestination, MemorySink, pipeline, startSink } from './testing/index.ts';

const ids = (to: number) => Array.from({ length: to - 1 }, (_, i) => i + 1);

const WRITE_MS = 250;

/** Each write takes a while, and stops when its partition is somebody else's. */
class SlowSink extends MemorySink {
  /** Ranges in flight. */
  writing = 0;

  override async write(range: Range, attempt: WriteAttempt, signal: AbortSignal): Promise<void> {
    this.writing++;
    try {
      await delay(WRITE_MS, undefined, { signal });
    } finally {
      this.writing--;
    }
    return super.write(range, attempt, signal);
  }
}

test('members come and go while ranges are in flight, and every row lands once', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 4 });
  const config = { ...p.config, session_timeout: 6000 };
  const destination = new MemoryDestination();
  let produced = 0;
  // However long members take to join, there is work for them then.
  const produce = async () => {
    await p.produceIds(produced + 1, produced + 3001);
    produced += 3000;
  };
  const member = async (rows: number) => {
    const sink = new SlowSink(destination, {}, { rows });
    const running = await startSink(t, sink, config);
    await until(() => running.landing.notReady?.() === null, { what: 'joining' });
    await produce();
    return { sink, running };
  };
  const gone = async ({ sink, running }: Awaited<ReturnType<typeof member>>) => {
    await until(() => sink.writing > 0, { what: 'a range in flight' });
    await running.force();
  };
  await produce();
  const first = await member(150);
  await until(() => destination.ids().length > 500);
  // Other limits: a range that were not made again exactly would overlap the one in flight.
  const second = await member(90);
  await until(() => second.sink.writing > 0, { what: 'its first range' });
  const third = await member(200);
  await gone(second);
  await produce();
  const before = destination.ids().length;
  await until(() => destination.ids().length > before + 1000);
  await produce();
  await gone(first);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0', timeoutMs: 90_000 });
  assert.deepEqual(destination.ids(), ids(produced + 1));
  assert.deepEqual(destination.twice(), []);
  assert.ok(
    destination.written.some(({ attempt }) => attempt.replay),
    'some range was in flight when its partition changed hands',
  );
  await third.running.stop();
});

test('a member that has landed a partition before reads from the broker how far others came', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 2 });
  const destination = new MemoryDestination();
  const member = () => startSink(t, new MemorySink(destination), p.config);
  const landed = (count: number) =>
    until(async () => destination.ids().length >= count && (await p.lag('memory')) === 0, {
      what: `${count} rows landed, and lag 0,`,
    });
  await p.produceIds(1, 1001);
  await member();
  await landed(1000);
  const other = await member();
  await until(() => other.landing.notReady?.() === null, { what: 'joining' });
  await p.produceIds(1001, 2001);
  await landed(2000);
  await other.stop();
  await p.produceIds(2001, 3001);
  await landed(3000);
  assert.deepEqual(destination.twice(), []);
});

test('a write that takes longer than the session leaves the member in its group', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 2 });
  const config = { ...p.config, session_timeout: 6000, rebalance_timeout: 6000 };
  await p.produceIds(1, 5001);
  let slowest = 9000;
  const sink = new MemorySink(new MemoryDestination(), {
    before: async (_range, _attempt, signal) => {
      const ms = slowest;
      slowest = 0;
      await delay(ms, undefined, { signal });
    },
  });
  const running = await startSink(t, sink, config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  const joins = running.metrics.registry.getSingleMetric('scoreline_sink_group_joins_total');
  assert.equal((await joins?.get())?.values[0]?.value, 1);
  assert.ok(sink.destination.written.every(({ attempt }) => !attempt.replay));
});
