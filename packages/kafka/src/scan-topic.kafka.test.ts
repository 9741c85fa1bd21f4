import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { until } from '@scoreline/testing';
import kafkajs, {
  type Admin,
  type Kafka,
  type Producer,
  type RawRecordBatch,
  type Transaction,
} from 'kafkajs';

import { readPartition } from './read-partition.ts';
import { type ScanOptions, type ScannedPartition, scanTopic } from './scan-topic.ts';
import { finished } from './testing/batches.ts';
import { testAdmin, testKafka, testTopic } from './testing/kafka.ts';

const signal = new AbortController().signal;

interface Seen {
  readonly values: string[][];
  readonly offsets: number[][];
  readonly parts: readonly ScannedPartition[];
}

async function scan(
  kafka: Kafka,
  topic: string,
  options: Partial<ScanOptions> = {},
): Promise<Seen> {
  const values: string[][] = [];
  const offsets: number[][] = [];
  const parts = await scanTopic(
    kafka,
    topic,
    { signal, silenceMs: 5_000, ...options },
    ({ bytes, valueStart, valueLength }, partition, offset) => {
      (values[partition] ??= []).push(
        bytes.toString('latin1', valueStart, valueStart + valueLength),
      );
      (offsets[partition] ??= []).push(offset);
    },
  );
  return { values, offsets, parts };
}

async function transactional(t: TestContext, kafka: Kafka, id: string): Promise<Producer> {
  const producer = kafka.producer({ transactionalId: id, retry: { retries: 0 } });
  await producer.connect();
  t.after(() => producer.disconnect());
  return producer;
}

async function send(
  to: Producer | Transaction,
  topic: string,
  partition: number,
  values: readonly string[],
): Promise<void> {
  await to.send({ topic, acks: -1, messages: [finished(partition, values)] });
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => String(from + i));

test('every committed record between the offsets is shown once, whatever ends the partition', async (t) => {
  const kafka = testKafka(t);
  if (kafka === null) return;
  const consumer = t.mock.method(kafka, 'consumer');
  const topic = await testTopic(t, kafka, 4);
  const producer = await transactional(t, kafka, `${topic}-a`);
  const first = await producer.transaction();
  await send(first, topic, 0, numbers(0, 10));
  await send(first, topic, 1, numbers(100, 105));
  await first.commit();
  const dropped = await producer.transaction();
  await send(dropped, topic, 0, numbers(10, 14));
  await send(dropped, topic, 2, ['aborted']);
  await dropped.abort();
  const last = await producer.transaction();
  await send(last, topic, 0, numbers(14, 16));
  await last.commit();

  // [0]: 10 rows, a marker, 4 aborted, a marker, 2 rows, a marker. [2]: aborted only. [3]: nothing.
  const all = await scan(kafka, topic);
  assert.deepEqual(all.values, [[...numbers(0, 10), ...numbers(14, 16)], numbers(100, 105)]);
  assert.deepEqual(all.parts, [
    { from: 0, to: 19, end: 18 },
    { from: 0, to: 6, end: 5 },
    { from: 0, to: 2, end: 0 },
    { from: 0, to: 0, end: 0 },
  ]);

  const some = await scan(kafka, topic, { from: [3, 5, 0, 0], to: [17, 6, 1, 0] });
  assert.deepEqual(some.values, [[...numbers(3, 10), '14']]);
  assert.deepEqual(some.offsets, [[3, 4, 5, 6, 7, 8, 9, 16]]);

  assert.equal(consumer.mock.callCount(), 0, 'a consumer needs a group');
});

test('it says where a log begins later, or ends earlier, than was asked for', async (t) => {
  const kafka = testKafka(t);
  if (kafka === null) return;
  const topic = await testTopic(t, kafka, 2);
  const producer = kafka.producer();
  await producer.connect();
  await send(producer, topic, 0, numbers(0, 20));
  await producer.disconnect();
  const admin = await testAdmin(t, kafka);
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '12' }] });
  const seen = await scan(kafka, topic, { from: [5, 0], to: [50, 3] });
  assert.deepEqual(seen.values, [numbers(12, 20)]);
  assert.deepEqual(seen.parts, [
    { from: 12, to: 20, end: 20 },
    { from: 0, to: 0, end: 0 },
  ]);
});

test('what an open transaction has written is waited for, and reported when it does not end', async (t) => {
  const kafka = testKafka(t);
  if (kafka === null) return;
  const topic = await testTopic(t, kafka);
  const producer = await transactional(t, kafka, `${topic}-a`);
  const done = await producer.transaction();
  await send(done, topic, 0, ['before']);
  await done.commit();
  const open = await producer.transaction();
  await send(open, topic, 0, ['open']);
  await assert.rejects(scan(kafka, topic, { silenceMs: 1_500 }), {
    code: 'topic-unread',
    message: /\[0\] 2 of 3/,
  });
  const admin = await testAdmin(t, kafka);
  const [ends] = await admin.fetchTopicOffsets(topic);
  assert.equal(ends?.high, '2', 'where every transaction is over');
  let done0 = 0;
  const scanning = scan(kafka, topic, { progress: ({ done }) => (done0 = done) });
  await until(() => done0 === 2, { what: 'the scan to reach the open transaction' });
  await open.commit();
  assert.deepEqual((await scanning).values, [['before', 'open']]);
});

test('large answers come in pieces, and nothing twice', async (t) => {
  const kafka = testKafka(t);
  if (kafka === null) return;
  const topic = await testTopic(t, kafka, 3);
  const producer = kafka.producer();
  await producer.connect();
  const padding = 'x'.repeat(900);
  for (let round = 0; round < 12; round++) {
    for (const partition of [0, 1, 2]) {
      const values = numbers(round * 800, (round + 1) * 800).map((value) => `${value} ${padding}`);
      await send(producer, topic, partition, values);
    }
  }
  await producer.disconnect();
  let calls = 0;
  const { values } = await scan(kafka, topic, { progress: () => calls++ });
  assert.ok(calls > 6, `${calls} pieces`);
  for (const partition of [0, 1, 2]) {
    assert.deepEqual(
      values[partition]?.map((value) => Number.parseInt(value, 10)),
      Array.from({ length: 9_600 }, (_, i) => i),
    );
  }
});

/** Puts a hand between the scan and what its connections fetch. */
function betweenFetches(
  t: TestContext,
  kafka: Kafka,
  hand: (fetched: Awaited<ReturnType<Admin['fetchPartition']>>) => void,
): void {
  const make = kafka.admin.bind(kafka);
  t.mock.method(kafka, 'admin', (config: Parameters<Kafka['admin']>[0]) => {
    const admin = make(config);
    const fetchPartition = admin.fetchPartition.bind(admin);
    return {
      ...admin,
      async fetchPartition(options: Parameters<Admin['fetchPartition']>[0]) {
        const fetched = await fetchPartition(options);
        hand(fetched);
        return fetched;
      },
    };
  });
}

async function topicOfTwo(t: TestContext, kafka: Kafka): Promise<string> {
  const topic = await testTopic(t, kafka, 2);
  const producer = kafka.producer();
  await producer.connect();
  const padding = 'x'.repeat(900);
  for (let round = 0; round < 6; round++) {
    const values = numbers(round * 800, (round + 1) * 800).map((value) => `${value} ${padding}`);
    for (const partition of [0, 1]) await send(producer, topic, partition, values);
  }
  await producer.disconnect();
  return topic;
}

test('a connection that breaks costs the answer that was on its way, and no more', async (t) => {
  const kafka = testKafka(t);
  if (kafka === null) return;
  const topic = await topicOfTwo(t, kafka);
  let answers = 0;
  betweenFetches(t, kafka, () => {
    answers++;
    if (answers === 2 || answers === 3) {
      throw new kafkajs.KafkaJSConnectionError('Closed connection');
    }
  });
  const { values } = await scan(kafka, topic);
  assert.ok(answers > 3);
  for (const partition of [0, 1]) {
    assert.deepEqual(
      values[partition]?.map((value) => Number.parseInt(value, 10)),
      Array.from({ length: 4_800 }, (_, i) => i),
    );
  }
});

test('brokers that stay away end the scan, with the offset that it came to', async (t) => {
  const kafka = testKafka(t);
  if (kafka === null) return;
  const topic = await topicOfTwo(t, kafka);
  betweenFetches(t, kafka, () => {
    throw new kafkajs.KafkaJSConnectionError('Closed connection');
  });
  await assert.rejects(scan(kafka, topic, { silenceMs: 500 }), {
    code: 'topic-unread',
    message: /nothing for 500 ms at \[0\] 0 of 4800, \[1\] 0 of 4800$/,
  });
});

test('a record batch with a bit of it turned is noticed, by whoever reads', async (t) => {
  const kafka = testKafka(t);
  if (kafka === null) return;
  const topic = await topicOfTwo(t, kafka);
  betweenFetches(t, kafka, ({ messages }) => {
    const [raw] = messages as unknown as RawRecordBatch[];
    const at = raw!.crcBytes.length - 1;
    raw!.crcBytes[at] = raw!.crcBytes[at]! ^ 1;
  });
  const corrupt = { code: 'batch-corrupt', action: 'stop' };
  await assert.rejects(scan(kafka, topic), corrupt);
  const read = readPartition(
    kafka,
    { topic, partition: 1 },
    { signal, silenceMs: 5_000 },
    () => true,
  );
  await assert.rejects(read, corrupt);
});
