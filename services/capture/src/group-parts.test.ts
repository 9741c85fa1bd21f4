import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BatchQueue } from './batch-queue.ts';
import { ChunkPool } from './chunk.ts';
import { encodedRows } from './testing/binlog-rows.ts';
import { BinlogBuilder } from './testing/binlog.ts';
import { TestReader } from './testing/read-binlog.ts';

const ROWS_PER_EVENT = 20;
const EVENTS = 500;
const LIMITS = {
  transactionBytes: 5_000,
  transactionRows: 1_000_000,
  queueBytes: 1_000_000,
  lingerMs: 1_000_000,
  idleMs: 1_000_000,
};

/** What goes out of one large group, each part in a Kafka transaction of its own; with rows before it. */
function partsOf(maxGroupBytes: number) {
  const binlog = new BinlogBuilder();
  binlog.begin();
  binlog.insert(1, 2, 3);
  binlog.xid();
  binlog.begin();
  for (let event = 0; event < EVENTS; event++) {
    const first = 4 + event * ROWS_PER_EVENT;
    binlog.insert(...Array.from({ length: ROWS_PER_EVENT }, (_, row) => first + row));
  }
  binlog.xid();
  const reader = new TestReader({ maxGroupBytes, advanced: () => queue.advanced() });
  const queue = new BatchQueue(LIMITS, {
    pool: new ChunkPool(4),
    collector: reader.collector,
    progress: () => reader.reader.progress(),
    relieved: () => {},
  });
  reader.dump(binlog.events);
  const parts: { bytes: number; ids: number[] }[] = [];
  while (queue.hasRows) {
    const batch = queue.take();
    const ids = batch.chunks.flatMap(({ block }) => encodedRows(block).map(({ id }) => id));
    parts.push({ bytes: batch.bytes, ids });
    queue.done(batch);
  }
  return parts;
}

test('a large group goes out in transactions that its size does not make larger', () => {
  const [one, ...more] = partsOf(Number.MAX_SAFE_INTEGER);
  assert.deepEqual(more, [], 'without parts it would be one');
  const eventBytes = (2 * one!.bytes) / EVENTS;
  for (const maxGroupBytes of [1_000, 20_000]) {
    const parts = partsOf(maxGroupBytes);
    const most = LIMITS.transactionBytes + maxGroupBytes + eventBytes;
    for (const { bytes } of parts) assert.ok(bytes < most, `${bytes} bytes, ${most} are the bound`);
    assert.ok(parts.length > one!.bytes / most, `${parts.length} parts`);
    assert.deepEqual(
      parts.flatMap(({ ids }) => ids),
      one!.ids,
      'all of it, once, in its order',
    );
  }
});
