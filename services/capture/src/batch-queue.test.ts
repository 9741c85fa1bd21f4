import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Batch, BatchQueue } from './batch-queue.ts';
import { ChunkPool } from './chunk.ts';
import { RowCollector } from './row-collector.ts';

const LIMITS = {
  transactionBytes: 1_000,
  transactionRows: 50,
  queueBytes: 3_000,
  lingerMs: 50,
  idleMs: 10_000,
};

/** A queue on a clock of its own: `later` lets time pass for whoever waits. */
function made(limits = LIMITS) {
  let now = 1;
  let offset = 4;
  let relieved = 0;
  const pool = new ChunkPool(4);
  const collector = new RowCollector(pool);
  const queue = new BatchQueue(limits, {
    pool,
    collector,
    progress: () => ({
      position: { file: 'binlog.000001', offset },
      event: null,
      gtidSet: '',
      commitTimeMs: 0,
      openGroup: null,
      optionalColumns: [],
    }),
    relieved: () => relieved++,
    now: () => now,
  });
  const rows = (count: number): void => {
    const block = collector.block();
    for (let i = 0; i < count; i++) {
      block.reserve(10);
      block.push(block.byteLength + 10, i + 1, 1, 1);
    }
    collector.added(count, count * 10);
  };
  return {
    queue,
    rows,
    group: (count: number) => {
      offset += 100;
      if (count > 0) {
        rows(count);
        collector.end(77);
      }
      queue.advanced();
    },
    later: (ms: number) => {
      now += ms;
    },
    relief: () => relieved,
  };
}

const forever = new AbortController().signal;

/** Whether there is something at once. */
async function ready(queue: BatchQueue): Promise<Batch | null> {
  const stop = new AbortController();
  const next = queue.next(stop.signal).catch(() => null);
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort(new Error('nothing'));
  return next;
}

test('rows wait for others until the first of them has waited for so long', async () => {
  const { queue, group, later } = made();
  group(1);
  later(49);
  assert.equal(await ready(queue), null);
  group(2);
  later(1);
  assert.equal((await ready(queue))?.rows, 3);
});

test('enough rows or bytes do not wait, and are cut at the end of a group', async () => {
  const { queue, group } = made();
  group(49);
  assert.equal(await ready(queue), null);
  group(30);
  group(3);
  const first = await queue.next(forever);
  assert.equal(first.rows, 79);
  assert.equal(first.progress.position.offset, 204, 'as far as the group that filled it');
  queue.done(first);
  assert.equal(await ready(queue), null);
});

test('whoever waits is woken when there is enough', async () => {
  const { queue, group } = made();
  const next = queue.next(forever);
  group(10);
  group(60);
  assert.equal((await next).rows, 70);
});

test('a position that moves without rows waits for longer', async () => {
  const { queue, group, later } = made();
  group(0);
  later(9_999);
  assert.equal(await ready(queue), null);
  later(1);
  const batch = await ready(queue);
  assert.equal(batch?.rows, 0);
  assert.equal(batch.progress.position.offset, 104);
  queue.done(batch);
  later(20_000);
  assert.equal(await ready(queue), null, 'nothing has moved since');
});

test('an idle position does not make rows wait', async () => {
  const { queue, group, later } = made();
  group(0);
  group(1);
  later(50);
  assert.equal((await ready(queue))?.rows, 1);
});

test('the group at hand stays, whatever is taken', async () => {
  const { queue, group, rows, later } = made();
  group(5);
  rows(7);
  later(50);
  const batch = await queue.next(forever);
  assert.equal(batch.rows, 5);
  assert.equal(queue.bytes, 120, 'what is on its way counts until it is out');
  queue.done(batch);
  assert.equal(queue.bytes, 70);
});

test('reading pauses when too much waits that can go, and goes on at half of it', async () => {
  const { queue, rows, group, relief } = made();
  rows(400);
  assert.equal(queue.isFull, false, 'a group that is not complete could never end');
  const { queue: full, group: more, relief: relieved } = made();
  for (let i = 0; i < 3; i++) more(100);
  assert.equal(full.isFull, true);
  const first = await full.next(forever);
  full.done(first);
  assert.equal(relieved(), 0, '2000 bytes are more than half');
  const second = await full.next(forever);
  full.done(second);
  assert.equal(relieved(), 1);
  assert.equal(full.isFull, false);
  void group;
  void relief;
});

test('relief comes when nothing can go, though a large group is at hand', async () => {
  const { queue, group, rows, relief } = made();
  group(100);
  rows(290);
  assert.equal(queue.isFull, true);
  const batch = await queue.next(forever);
  queue.done(batch);
  assert.equal(relief(), 1);
});

test('a stop ends the wait', async () => {
  const { queue } = made();
  const stop = new AbortController();
  const next = queue.next(stop.signal);
  stop.abort(new Error('stopped'));
  await assert.rejects(next, /stopped/);
});

test('the oldest row that is not out is told by its commit time', async () => {
  const { queue, group } = made();
  assert.equal(queue.oldestTimeMs, null);
  group(60);
  assert.equal(queue.oldestTimeMs, 77);
  const batch = await queue.next(forever);
  assert.equal(queue.oldestTimeMs, 77, 'it is on its way');
  queue.done(batch);
  assert.equal(queue.oldestTimeMs, null);
});
