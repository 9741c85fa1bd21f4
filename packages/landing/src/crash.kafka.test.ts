import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { needServer, until } from '@scoreline/testing';

import { parseCommitMetadata } from './commit-metadata.ts';
import {
  lost,
  MemoryDestination,
  MemorySink,
  pipeline,
  startSink,
  type WriteHooks,
} from './testing/index.ts';

/** Sinks die at this moment of their first write; a second sink goes on with other limits. */
const MOMENTS: Record<string, { written: boolean; hooks: (entered: () => void) => WriteHooks }> = {
  'between the pending commit and the write': {
    written: false,
    hooks: (entered) => ({ before: (_range, _attempt, signal) => hang(entered, signal) }),
  },
  'between the write and the landed commit': {
    written: true,
    hooks: (entered) => ({ after: (_range, _attempt, signal) => hang(entered, signal) }),
  },
};

async function hang(entered: () => void, signal: AbortSignal): Promise<void> {
  entered();
  await once(signal, 'abort');
  signal.throwIfAborted();
}

for (const [moment, { written, hooks }] of Object.entries(MOMENTS)) {
  test(`a sink that dies ${moment} is followed by one that lands the same range`, async (t) => {
    const brokers = needServer(t, 'kafka');
    if (!brokers) return;
    const p = await pipeline(t, brokers, { partitions: 1 });
    await p.produceIds(1, 2501);
    const destination = new MemoryDestination();
    let entered = false;
    const first = new MemorySink(
      destination,
      hooks(() => {
        entered = true;
      }),
    );
    const dying = await startSink(t, first, p.config);
    await until(() => entered, { what: 'the first write' });
    const [commit] = (await p.commits('memory')).values();
    assert.equal(commit?.offset, 0n, 'the offset has not moved');
    const { pending } = parseCommitMetadata(commit.metadata, 'p0');
    assert.deepEqual(pending, [999n], 'the range is pending before its first byte is sent');
    await dying.force();
    assert.equal(destination.written.length, written ? 1 : 0);

    const second = new MemorySink(destination, {}, { rows: 700 });
    await startSink(t, second, p.config);
    await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
    assert.equal(destination.ids().length, 2500);
    assert.deepEqual(destination.twice(), []);
    const [replayed] = destination.written.slice(written ? 1 : 0);
    assert.deepEqual([replayed?.first, replayed?.last], [0n, 999n], 'cut as it was pending');
    assert.equal(replayed?.attempt.replay, true);
    if (written) assert.equal(replayed?.identity, destination.written[0]?.identity);
  });
}

test('a range whose answer is lost is written again under the same identity', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  await p.produceIds(1, 501);
  const sink = new MemorySink(new MemoryDestination(), {
    after: (_range, { number }) => {
      if (number < 3) throw lost();
    },
  });
  await startSink(t, sink, p.config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  const [, ...again] = sink.destination.written;
  assert.deepEqual(
    sink.destination.written.map(({ attempt }) => attempt),
    [1, 2, 3].map((number) => ({ number, replay: false })),
  );
  assert.ok(again.every(({ identity }) => identity === sink.destination.written[0]?.identity));
  assert.deepEqual(sink.destination.twice(), []);
});

test('an orderly stop lets the range in flight land', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  await p.produceIds(1, 101);
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const sink = new MemorySink(new MemoryDestination(), { before: () => finished });
  const running = await startSink(t, sink, p.config);
  await until(async () => {
    const [commit] = (await p.commits('memory')).values();
    return commit?.metadata.includes('"pending":["99"]');
  });
  const stopped = running.stop();
  finish();
  await stopped;
  assert.equal(await p.lag('memory'), 0);
  assert.equal(sink.destination.ids().length, 100);
});
