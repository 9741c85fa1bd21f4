import assert from 'node:assert/strict';
import { test } from 'node:test';

import { needServer, uniqueName } from '@scoreline/testing';
import kafkajs from 'kafkajs';

import { openTransactions, topicsOfTransaction } from './transactions.ts';

test('a transaction is open from its first send to its end, with the topics that it was sent to', async (t) => {
  const broker = needServer(t, 'kafka');
  if (broker === '') return;
  const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });
  const [first, second] = [uniqueName('first'), uniqueName('second')];
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: first, numPartitions: 3 }, { topic: second }] });
  const transactionalId = uniqueName('transactional');
  const producer = kafka.producer({ transactionalId, maxInFlightRequests: 1 });
  await producer.connect();
  t.after(async () => {
    await producer.disconnect();
    await admin.deleteTopics({ topics: [first, second] });
    await admin.disconnect();
  });
  const isOpen = async () => (await openTransactions(broker)).includes(transactionalId);

  const transaction = await producer.transaction();
  assert.equal(await isOpen(), false);
  const messages = [0, 1, 2].map((partition) => ({ partition, value: 'v' }));
  await transaction.send({ topic: first, messages });
  assert.equal(await isOpen(), true);
  assert.deepEqual(await topicsOfTransaction(broker, transactionalId), [first]);
  await transaction.send({ topic: second, messages: [{ partition: 0, value: 'v' }] });
  const topics = await topicsOfTransaction(broker, transactionalId);
  assert.deepEqual(topics.toSorted(), [first, second]);
  await transaction.commit();
  assert.equal(await isOpen(), false);
});

test('a transactional id that the broker does not know is an error', async (t) => {
  const broker = needServer(t, 'kafka');
  if (broker === '') return;
  await assert.rejects(topicsOfTransaction(broker, uniqueName('nobody')), /error 105/);
});
