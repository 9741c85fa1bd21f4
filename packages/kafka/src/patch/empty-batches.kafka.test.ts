import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { until } from '@scoreline/testing';

import { rawBatch, walkAll } from '../testing/batches.ts';
import { readAll, testKafka, testTopic } from '../testing/kafka.ts';

// Compaction keeps the last batch of each producer as a header without records. Upstream reads nothing
// from it, stays where it is, and fetches it for ever: a ledger could not be read any more.
test('a compacted topic is read past a batch that has no records left', async (t) => {
  const kafka = testKafka(t);
  if (!kafka) return;
  const topic = await testTopic(t, kafka, 1, {
    'cleanup.policy': 'compact',
    'segment.ms': '50',
    'min.cleanable.dirty.ratio': '0.01',
    'delete.retention.ms': '0',
  });
  for (const value of ['first', 'second', 'third']) {
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    await producer.send({ topic, messages: [{ partition: 0, key: 'key', value }] });
    await producer.disconnect();
    await delay(100); // the next record closes the segment
  }
  const batches = await until(
    async () => {
      const read = await readAll(kafka, topic, { rawRecordBatches: true });
      return read[0]!.some((message) => rawBatch(message).count === 0) ? read[0]! : null;
    },
    { what: 'compaction', timeoutMs: 90_000, everyMs: 1000 },
  );
  // Whether the last but one is compacted yet is the broker's business; what is left is read.
  assert.equal(walkAll(batches).at(-1)!.value, 'third');
  // One batch a fetch, so that the one without records comes alone.
  const limits = { maxBytes: 1, maxBytesPerPartition: 1 };
  const records = (await readAll(kafka, topic, limits))[0]!;
  assert.equal(String(records.at(-1)!.value), 'third');
});
