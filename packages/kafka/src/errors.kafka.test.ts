import assert from 'node:assert/strict';
import { test } from 'node:test';

import { uniqueName } from '@scoreline/testing';

import { isFenced, kafkaErrorType } from './errors.ts';
import { finished } from './testing/batches.ts';
import { readAll, testKafka, testTopic } from './testing/kafka.ts';

test('a producer that another has replaced learns that it is fenced, and nothing of it is seen', async (t) => {
  const kafka = testKafka(t);
  if (!kafka) return;
  const topic = await testTopic(t, kafka);
  const config = { transactionalId: uniqueName('test_fence'), retry: { retries: 0 } };
  const [older, newer] = [kafka.producer(config), kafka.producer(config)];
  for (const producer of [older, newer]) {
    await producer.connect();
    t.after(() => producer.disconnect());
  }
  const stale = await older.transaction();
  await stale.send({ topic, messages: [finished(0, ['stale'])] });
  const current = await newer.transaction();
  await current.send({ topic, messages: [finished(0, ['current'])] });
  await assert.rejects(stale.send({ topic, messages: [finished(0, ['stale'])] }), isFenced);
  await assert.rejects(stale.commit(), isFenced);
  await current.commit();
  const records = (await readAll(kafka, topic))[0]!;
  assert.deepEqual(
    records.map(({ value }) => String(value)),
    ['current'],
  );
});

test('a batch that the topic does not take is refused by its name', async (t) => {
  const kafka = testKafka(t);
  if (!kafka) return;
  const topic = await testTopic(t, kafka, 1, { 'max.message.bytes': '1000' });
  const producer = kafka.producer({ retry: { retries: 0 } });
  await producer.connect();
  t.after(() => producer.disconnect());
  await assert.rejects(
    producer.send({ topic, messages: [finished(0, ['x'.repeat(2000)])] }),
    (error) => kafkaErrorType(error) === 'MESSAGE_TOO_LARGE',
  );
});
