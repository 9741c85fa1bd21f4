import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';

import { needServer, until } from '@scoreline/testing';

import { parseCommitMetadata } from './commit-metadata.ts';
import type { RangeLimits } from './sink.ts';
import {
  MemoryDestination,
  MemorySink,
  type Pipeline,
  pipeline,
  startSink,
  type WriteHooks,
} from './testing/index.ts';

const HOUR_MS = 3_600_000;

/** A sink that has landed the first 100 rows, and holds the next 100 in a range that is not due. */
async function holding(
  t: TestContext,
  brokers: string,
  { hooks = {}, ...limits }: Partial<RangeLimits> & { hooks?: WriteHooks },
) {
  const p = await pipeline(t, brokers, { partitions: 1 });
  await p.produceIds(1, 101);
  const destination = new MemoryDestination();
  const sink = new MemorySink(destination, hooks, limits);
  const running = await startSink(t, sink, p.config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'the first rows' });
  await p.produceIds(101, 201);
  await until(async () => (await openRows(running)) === 100, { what: 'the other rows' });
  return { p, destination, running };
}

async function openRows({ metrics }: Awaited<ReturnType<typeof startSink>>): Promise<number> {
  const gauge = metrics.registry.getSingleMetric('scoreline_sink_open_rows');
  return (await gauge?.get())?.values[0]?.value ?? 0;
}

async function commitOf(p: Pipeline): Promise<{ offset: bigint; pending: readonly bigint[] }> {
  const [commit] = (await p.commits('memory')).values();
  const { pending } = parseCommitMetadata(commit?.metadata ?? '', 'p0');
  return { offset: commit?.offset ?? -1n, pending };
}

test('an orderly stop lands what it holds, if that is enough for a range', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const { p, destination, running } = await holding(t, brokers, { spacingMs: HOUR_MS });
  assert.equal(destination.written.length, 1);
  await running.stop();
  assert.equal(destination.ids().length, 200);
  assert.equal(await p.lag('memory'), 0);
});

test('an orderly stop leaves what would have waited for more, and the next sink lands it', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const { p, destination, running } = await holding(t, brokers, {
    minRows: 101,
    ageMs: 1000,
    spacingMs: HOUR_MS,
  });
  await running.stop();
  assert.deepEqual(await commitOf(p), { offset: 101n, pending: [] });
  assert.equal(destination.ids().length, 100);
  await startSink(t, new MemorySink(destination), p.config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  assert.equal(destination.ids().length, 200);
  assert.deepEqual(destination.twice(), []);
});

test('a stop whose time is up abandons what is in flight, which the next sink makes again', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  let writes = 0;
  const hooks: WriteHooks = {
    before: async (_range, _attempt, signal) => {
      if (++writes === 1) return;
      await once(signal, 'abort');
      signal.throwIfAborted();
    },
  };
  const { p, destination, running } = await holding(t, brokers, { hooks, spacingMs: HOUR_MS });
  const grace = new AbortController();
  const stopped = running.landing.stop(grace.signal);
  await until(() => writes === 2, { what: 'the write of what it holds' });
  grace.abort();
  await stopped;
  const { offset, pending } = await commitOf(p);
  assert.equal(pending.length, 1);
  assert.ok(offset <= 101n);
  await startSink(t, new MemorySink(destination), p.config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  assert.equal(destination.written.at(-1)?.attempt.replay, true);
  assert.equal(destination.ids().length, 200);
  assert.deepEqual(destination.twice(), []);
});
