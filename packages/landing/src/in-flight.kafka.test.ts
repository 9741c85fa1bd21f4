import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { aborted, deferred } from '@scoreline/service';
import { needServer, until } from '@scoreline/testing';

import { parseCommitMetadata } from './commit-metadata.ts';
import { MemoryDestination, MemorySink, pipeline, startSink } from './testing/index.ts';

class SpoolingSink extends MemorySink {
  readonly spools = true;
}

test('ranges are durable in any order and committed in their own, and those that were under way are made again', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  await p.produceIds(1, 4501);
  const destination = new MemoryDestination();
  const writing = new Set<bigint>();
  // The first range hangs; those behind it become durable.
  const first = new SpoolingSink(
    destination,
    {
      before: async ({ first: offset }, _attempt, signal) => {
        writing.add(offset);
        if (offset !== 0n) return;
        await once(signal, 'abort');
        signal.throwIfAborted();
      },
    },
    { inFlight: 3 },
  );
  const dying = await startSink(t, first, p.config);
  await until(() => destination.written.length === 2, { what: 'the ranges behind the first' });
  assert.deepEqual([...writing], [0n, 1000n, 2000n], 'no more than three at a time');
  const [commit] = (await p.commits('memory')).values();
  assert.equal(commit?.offset, 0n, 'nothing counts as landed before what is below it');
  assert.deepEqual(parseCommitMetadata(commit.metadata, 'p0').pending, [999n, 1999n, 2999n]);
  await dying.force();

  // With fewer in flight, another budget and other limits.
  const second = new SpoolingSink(destination, {}, { rows: 700 });
  const config = { ...p.config, buffer_bytes: 1_000_000, spool_bytes: 10_000_000 };
  await startSink(t, second, config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  assert.deepEqual(
    destination.written
      .slice(2, 5)
      .map(({ first: from, last, attempt }) => [from, last, attempt.replay]),
    [
      [0n, 999n, true],
      [1000n, 1999n, true],
      [2000n, 2999n, true],
    ],
  );
  assert.equal(destination.ids().length, 4500);
  assert.deepEqual(destination.twice(), []);
});

test('a partition whose ranges do not land keeps none of the others waiting', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 2 });
  const even = deferred();
  const sink = new MemorySink(
    new MemoryDestination(),
    {
      before: async ({ partition }, _attempt, signal) => {
        if (partition === 0) await Promise.race([even.promise, aborted(signal)]);
        signal.throwIfAborted();
      },
    },
    { rows: 100 },
  );
  const running = await startSink(t, sink, p.config);
  const odd = () => sink.destination.ids().filter((id) => id % 2 === 1).length;
  // The first of these fill the range in flight and the one behind it.
  for (let from = 1; from < 1501; from += 500) {
    await p.produceIds(from, from + 500);
    await until(() => odd() === Math.floor((from + 499) / 2), {
      what: 'the rows of the other partition',
    });
  }
  const paused = await running.metrics.registry.getSingleMetric('scoreline_sink_paused')?.get();
  assert.deepEqual(
    paused?.values.map(({ labels, value }) => [labels['partition'], value]),
    [
      [0, 1],
      [1, 0],
    ],
  );
  even.resolve();
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  assert.equal(sink.destination.ids().length, 1500);
  assert.deepEqual(sink.destination.twice(), []);
});
