import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { uniqueName } from '@scoreline/testing';
import type { ProducerConfig } from 'kafkajs';

import { finished, LONG_AGO_MS, spied } from '../testing/batches.ts';
import { readAll, testKafka, testTopic } from '../testing/kafka.ts';

const text = (message: { value: Buffer | null }): string => String(message.value);

async function setUp(t: TestContext, config: ProducerConfig, partitions = 1) {
  const kafka = testKafka(t);
  if (!kafka) return null;
  const topic = await testTopic(t, kafka, partitions);
  const producer = kafka.producer(config);
  await producer.connect();
  t.after(() => producer.disconnect());
  return { kafka, topic, producer };
}

test('finished batches arrive as they are: records, keys, timestamps, the latest timestamp', async (t) => {
  const set = await setUp(t, {}, 2);
  if (!set) return;
  const { kafka, topic, producer } = set;
  const at = (i: number): number => LONG_AGO_MS + [5, 0, 9, 2][i]!;
  const results = await producer.send({
    topic,
    messages: [finished(0, ['a', 'b', 'c', 'd'], at), finished(1, ['e'])],
  });
  const offsets = new Map(results.map(({ partition, baseOffset }) => [partition, baseOffset]));
  assert.deepEqual(
    offsets,
    new Map([
      [0, '0'],
      [1, '0'],
    ]),
  );
  const [zero, one] = await readAll(kafka, topic);
  assert.deepEqual(zero!.map(text), ['a', 'b', 'c', 'd']);
  assert.deepEqual(one!.map(text), ['e']);
  assert.deepEqual(
    zero!.map(({ timestamp }) => Number(timestamp)),
    [0, 1, 2, 3].map(at),
  );
  assert.deepEqual(
    zero!.map(({ key }) => String(key)),
    ['key', 'key', 'key', 'key'],
  );
  const { batchContext } = zero![0] as unknown as { batchContext: { maxTimestamp: string } };
  assert.equal(batchContext.maxTimestamp, String(LONG_AGO_MS + 9));
});

test('a sequence counts the records of finished batches', async (t) => {
  const set = await setUp(t, { idempotent: true, maxInFlightRequests: 1 });
  if (!set) return;
  const { kafka, topic, producer } = set;
  const sequences: number[] = [];
  for (let i = 0; i < 5; i++) {
    const { batch, headers } = spied(finished(0, ['a', 'b', 'c']));
    await producer.send({ topic, messages: [batch] });
    sequences.push(...headers.map(({ firstSequence }) => firstSequence));
    assert.equal(headers[0]!.transactional, false);
  }
  await producer.send({ topic, messages: [{ partition: 0, value: 'ordinary' }] });
  await producer.send({ topic, messages: [finished(0, ['last'])] });
  assert.deepEqual(sequences, [0, 3, 6, 9, 12]);
  assert.equal((await readAll(kafka, topic))[0]!.length, 17);
});

test('finished batches of an aborted transaction are not seen, those of the next one are', async (t) => {
  const set = await setUp(t, { transactionalId: uniqueName('test_tx'), retry: { retries: 0 } });
  if (!set) return;
  const { kafka, topic, producer } = set;
  const aborted = await producer.transaction();
  await aborted.send({ topic, messages: [finished(0, ['gone', 'gone'])] });
  await aborted.abort();
  const committed = await producer.transaction();
  const { batch, headers } = spied(finished(0, ['kept']));
  await committed.send({ topic, messages: [batch] });
  await committed.commit();
  assert.deepEqual((await readAll(kafka, topic))[0]!.map(text), ['kept']);
  assert.equal(headers.length, 1, 'encoded once');
  assert.equal(headers[0]!.transactional, true);
});

test('a batch that was damaged on the way is refused', async (t) => {
  const set = await setUp(t, { retry: { retries: 0 } });
  if (!set) return;
  const { topic, producer } = set;
  const batch = finished(0, ['a', 'b']);
  const original = batch.recordBatch.bind(batch);
  batch.recordBatch = (header) => {
    const bytes = Buffer.from(original(header));
    bytes[bytes.length - 2]! ^= 1;
    return bytes;
  };
  await assert.rejects(producer.send({ topic, messages: [batch] }), /CRC|contents/);
});

// Upstream restarts at 0 wherever the batch ends, and the broker answers OUT_OF_ORDER_SEQUENCE_NUMBER.
test('the sequence passes 2^31-1 inside a batch', async (t) => {
  const set = await setUp(t, { idempotent: true, retry: { retries: 1 } });
  if (!set) return;
  const { topic, producer } = set;
  const ten = Array.from({ length: 10 }, String);
  const start = 2 ** 31 - 35;
  // Tells the broker that it begins 35 below the end, and kafkajs to go on after its ten records.
  const first = finished(0, ten);
  const original = first.recordBatch.bind(first);
  first.recordBatch = (header) => {
    first.length = ten.length;
    const bytes = original({ ...header, firstSequence: start });
    first.length = start + ten.length;
    return bytes;
  };
  first.length = start + ten.length;
  await producer.send({ topic, messages: [first] });
  const sequences: number[] = [];
  for (let i = 0; i < 5; i++) {
    const { batch, headers } = spied(finished(0, ten));
    await producer.send({ topic, messages: [batch] });
    sequences.push(headers.at(-1)!.firstSequence);
  }
  assert.deepEqual(sequences, [start + 10, start + 20, start + 30, 5, 15]);
});
