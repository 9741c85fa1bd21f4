import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { uniqueName, until } from '@scoreline/testing';
import { type Batch, CompressionTypes, type KafkaMessage, type Producer } from 'kafkajs';

import { finished, LONG_AGO_MS, rawBatch, walkAll, walkOne } from '../testing/batches.ts';
import { internal, readAll, testAdmin, testKafka, testTopic } from '../testing/kafka.ts';

const RAW = { rawRecordBatches: true };

async function setUp(t: TestContext, configs: Readonly<Record<string, string>> = {}) {
  const kafka = testKafka(t);
  if (!kafka) return null;
  const topic = await testTopic(t, kafka, 1, configs);
  const producer = kafka.producer();
  await producer.connect();
  t.after(() => producer.disconnect());
  return { kafka, topic, producer };
}

function messages(count: number, text = 'value') {
  return Array.from({ length: count }, (_, i) => ({
    partition: 0,
    key: 'key',
    value: `${text} ${i}`,
    timestamp: String(LONG_AGO_MS + ((i * 7) % 5)),
  }));
}

/** The same facts of records that were delivered one by one. */
function facts(records: readonly KafkaMessage[]) {
  return records.map(({ offset, key, value, timestamp }) => ({
    offset: BigInt(offset),
    key: key && key.toString('latin1'),
    value: value && value.toString('latin1'),
    timestampMs: Number(timestamp),
  }));
}

async function sendEachWay(topic: string, producer: Producer): Promise<void> {
  await producer.send({ topic, messages: messages(30) });
  await producer.send({ topic, messages: messages(300), compression: CompressionTypes.GZIP });
  await producer.send({ topic, messages: [{ partition: 0, key: null, value: null }] });
  const withHeaders = messages(5).map((message) => ({ ...message, headers: { h: 'x', g: '' } }));
  await producer.send({ topic, messages: withHeaders });
  await producer.send({ topic, messages: [finished(0, ['a', 'b', 'c'])] });
}

test('raw batches hold the records that ordinary consumers are shown', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const { kafka, topic, producer } = set;
  await sendEachWay(topic, producer);
  const [raw, ordinary] = await Promise.all([
    readAll(kafka, topic, RAW),
    readAll(kafka, topic), // in the same process, to see that each has its own way
  ]);
  assert.deepEqual(walkAll(raw[0]!), facts(ordinary[0]!));
  for (const message of raw[0]!) {
    const batch = rawBatch(message);
    const records = walkOne(batch);
    assert.equal(records.length, batch.count);
    assert.equal(records[0]!.offset, BigInt(batch.firstOffset));
    assert.equal(records.at(-1)!.offset, BigInt(batch.offset));
  }
});

test('a raw batch that begins before the offset that was asked for comes whole', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const { kafka, topic, producer } = set;
  await sendEachWay(topic, producer);
  for (const from of [7n, 100n, 337n]) {
    const records = walkAll((await readAll(kafka, topic, { ...RAW, from: { 0: from } }))[0]!);
    assert.ok(records[0]!.offset < from, `${records[0]!.offset} is before ${from}`);
    assert.equal(records.filter(({ offset }) => offset >= from).length, 339 - Number(from));
  }
});

test('a batch larger than a fetch may be is delivered all the same', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const { kafka, topic, producer } = set;
  const large = 'x'.repeat(100_000);
  await producer.send({ topic, messages: [finished(0, [large, large])] });
  await producer.send({ topic, messages: [finished(0, [large])] });
  const limits = { maxBytes: 1000, maxBytesPerPartition: 1000 };
  const records = walkAll((await readAll(kafka, topic, { ...RAW, ...limits }))[0]!);
  assert.deepEqual(
    records.map(({ value }) => value),
    [large, large, large],
  );
});

test('where the broker sets the time, records carry it', async (t) => {
  const set = await setUp(t, { 'message.timestamp.type': 'LogAppendTime' });
  if (!set) return;
  const { kafka, topic, producer } = set;
  await sendEachWay(topic, producer);
  const raw = walkAll((await readAll(kafka, topic, RAW))[0]!);
  assert.deepEqual(raw, facts((await readAll(kafka, topic))[0]!));
  assert.ok(raw.every(({ timestampMs }) => timestampMs > LONG_AGO_MS + 1_000_000));
});

test('raw consumers are shown nothing of an open transaction, nor behind it', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const { kafka, topic, producer } = set;
  const open = kafka.producer({ transactionalId: uniqueName('test_open') });
  await open.connect();
  await producer.send({ topic, messages: [finished(0, ['before'])] });
  const transaction = await open.transaction();
  await transaction.send({ topic, messages: [finished(0, ['open'])] });
  await producer.send({ topic, messages: [finished(0, ['behind'])] });
  const seen = walkAll((await readAll(kafka, topic, { ...RAW, until: { 0: 1n } }))[0]!);
  await transaction.abort();
  await open.disconnect();
  assert.deepEqual(
    seen.map(({ value }) => value),
    ['before'],
  );
});

// Without them a sink cannot know that a partition ends in markers and aborted records, and lag never reads 0.
test('raw consumers are shown that nothing is left of what was fetched, ordinary ones are not', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const { kafka, topic } = set;
  const transactional = kafka.producer({ transactionalId: uniqueName('test_tail') });
  await transactional.connect();
  const transaction = await transactional.transaction();
  await transaction.send({ topic, messages: [finished(0, ['gone', 'gone'])] });
  await transaction.abort();
  await transactional.disconnect();
  const admin = await testAdmin(t, kafka);
  const end = async () => (await admin.fetchTopicOffsets(topic))[0]!.high;
  await until(async () => (await end()) === '3', {
    what: 'the marker, which is answered for before it is written',
  });
  for (const rawRecordBatches of [true, false]) {
    const shown: string[] = [];
    const onBatch = (batch: Batch): void => {
      assert.deepEqual(batch.messages, []);
      shown.push(batch.lastOffset());
    };
    await readAll(kafka, topic, { rawRecordBatches, onBatch });
    assert.equal(shown.at(-1), rawRecordBatches ? '2' : undefined);
  }
});

test('a codec that is not known stops the consumer', async (t) => {
  const set = await setUp(t, { 'compression.type': 'lz4' });
  if (!set) return;
  const { kafka, topic, producer } = set;
  await producer.send({ topic, messages: messages(50) });
  await assert.rejects(readAll(kafka, topic, RAW), /LZ4 compression not implemented/);
});

test('a broker that is too old for raw batches is refused', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const { kafka, topic, producer } = set;
  await producer.send({ topic, messages: messages(3) });
  type Versions = Record<number, { maxVersion: number }>;
  interface Broker {
    readonly apiVersions: (this: Broker) => Promise<Versions>;
  }
  const { prototype } = internal('broker') as { prototype: Broker };
  const { apiVersions } = prototype;
  t.mock.method(prototype, 'apiVersions', async function capped(this: Broker) {
    const versions = await apiVersions.call(this);
    versions[1]!.maxVersion = 10;
    return versions;
  });
  await assert.rejects(readAll(kafka, topic, RAW), /need Fetch v11 \(Kafka 2.3\), .* speaks v10/);
  assert.equal((await readAll(kafka, topic))[0]!.length, 3);
});
