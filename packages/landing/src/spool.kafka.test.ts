import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { needServer, until } from '@scoreline/testing';

import type { Range } from './range.ts';
import type { RangeLimits } from './sink.ts';
import {
  FIRST_OF_MANY,
  MemoryDestination,
  MemorySink,
  pipeline,
  produceMany,
  type RunningSink,
  startSink,
  TEST_LIMITS,
  type WriteHooks,
} from './testing/index.ts';

/** Reads ranges as a sink does that must not hold them, and keeps of a row only how often it came. */
class Counting extends MemoryDestination {
  readonly counts: Uint8Array;
  readonly rows: number[] = [];

  constructor(rows: number) {
    super();
    this.counts = new Uint8Array(rows);
  }

  override async take(range: Range): Promise<void> {
    if (this.identities.has(range.identity)) return;
    for await (const { ids } of range.chunks()) {
      for (const id of ids) this.counts[id - FIRST_OF_MANY]!++;
    }
    this.identities.add(range.identity);
    this.rows.push(range.rows);
  }
}

class SpoolingSink extends MemorySink {
  readonly spools = true;
}

/** Nothing but rows and age end a range. */
const LARGE: RangeLimits = {
  ...TEST_LIMITS,
  bytes: Number.POSITIVE_INFINITY,
  rows: 10_000_000,
  minRows: 10_000_000,
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function total({ metrics }: RunningSink, name: string): Promise<number> {
  const values = (await metrics.registry.getSingleMetric(name)?.get())?.values ?? [];
  return values.reduce((sum, { value }) => sum + value, 0);
}

test('a million rows land as one range, and only a little of it is ever in memory', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  const rows = 1_000_000;
  await produceMany(p, 0, { rows });
  const destination = new Counting(rows);
  let spooledBytes = 0;
  let memoryBytes = 0;
  const hooks: WriteHooks = {
    before: async () => {
      spooledBytes = await total(running, 'scoreline_sink_spooled_bytes');
      collectGarbage();
      memoryBytes = process.memoryUsage().arrayBuffers;
    },
  };
  const sink = new SpoolingSink(destination, hooks, { ...LARGE, rows, minRows: rows, ageMs: 3e5 });
  const before = process.memoryUsage().arrayBuffers;
  const running = await startSink(t, sink, p.config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0', timeoutMs: 60_000 });
  assert.deepEqual(destination.rows, [rows]);
  assert.ok(destination.counts.every((count) => count === 1));
  assert.ok(spooledBytes > 60_000_000, `${spooledBytes} bytes in the spool`);
  assert.ok(memoryBytes - before < 30_000_000, `${memoryBytes - before} bytes in memory`);
  await until(async () => (await total(running, 'scoreline_sink_spooled_bytes')) === 0);
});

test('ranges that would not fit into the spool land earlier, and none waits for ever', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const partitions = 3;
  const p = await pipeline(t, brokers, { partitions });
  const rows = 150_000;
  for (let partition = 0; partition < partitions; partition++) {
    await produceMany(p, partition, { from: FIRST_OF_MANY + partition * rows, rows });
  }
  const destination = new Counting(partitions * rows);
  let most = 0;
  const hooks: WriteHooks = {
    before: async () => {
      most = Math.max(most, await total(running, 'scoreline_sink_spooled_bytes'));
    },
  };
  const sink = new SpoolingSink(destination, hooks, { ...LARGE, ageMs: 4000 });
  const config = { ...p.config, buffer_bytes: 1_000_000, spool_bytes: 10_000_000 };
  const running = await startSink(t, sink, config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0', timeoutMs: 60_000 });
  assert.ok(destination.counts.every((count) => count === 1));
  assert.ok((await total(running, 'scoreline_sink_closed_early_total')) > 0);
  assert.ok(most > 1_000_000 && most < 11_000_000, `${most} bytes in the spool`);
});
