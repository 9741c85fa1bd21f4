import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { RecordBatch } from '@scoreline/kafka';
import { deferred } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { FakeBrokers, lostConnection, refusal } from './testing/fake-brokers.ts';
import { FencedError, TransactionalProducer } from './transactional-producer.ts';

const TOPIC = 'rows';
const NONE = Buffer.alloc(0);
const SEND_FAILED = { code: 'kafka-send', action: 'retry' };

function producer(kafka: Kafka): TransactionalProducer {
  return new TransactionalProducer(kafka, {
    transactionalId: 'test',
    ledgerTopic: 'ledger',
    transactionTimeoutMs: 60_000,
  });
}

/** A producer that has fenced, and the requests that it makes from then on. */
async function fenced(t: TestContext, leaders: readonly string[] = ['a']) {
  const brokers = new FakeBrokers(t, leaders);
  const made = producer(brokers.kafka);
  await made.fence();
  brokers.requests.length = 0;
  return { brokers, producer: made };
}

/** One record for each partition. */
function batches(partitions: number): RecordBatch[] {
  return Array.from({ length: partitions }, (_, partition) => {
    const batch = new RecordBatch(partition, 1_000);
    batch.append(NONE, NONE, Buffer.from('row'), 0, 3, 0);
    return batch;
  });
}

test('a fence is a transaction of its own', async (t) => {
  const brokers = new FakeBrokers(t, ['a']);
  await producer(brokers.kafka).fence();
  assert.deepEqual(brokers.requests, [
    'initProducerId',
    'addPartitionsToTxn',
    'produce a',
    'endTxn',
  ]);
});

// K1: kafkajs takes the sequence back before it tries again, and a send that waits then uses it: the
// broker takes the one for a repeat of the other.
test('a send whose answer is lost is not sent again', async (t) => {
  const { brokers, producer } = await fenced(t);
  const transaction = await producer.begin();
  let lost = false;
  brokers.trouble = (request) => {
    if (request !== 'produce a' || lost) return;
    lost = true;
    throw lostConnection();
  };
  await assert.rejects(transaction.send(TOPIC, batches(1)), SEND_FAILED);
  assert.deepEqual(brokers.requests, ['addPartitionsToTxn', 'produce a']);
});

// K2: it gives up on the leader that still writes, too, and sends the same rows under the next sequence.
test('what one of two leaders refused is sent again to neither', async (t) => {
  const { brokers, producer } = await fenced(t, ['a', 'b']);
  const transaction = await producer.begin();
  const slow = deferred();
  brokers.trouble = (request) => {
    const seen = brokers.requests.filter((one) => one === request).length;
    if (request === 'produce a' && seen === 1) throw refusal('NOT_LEADER_FOR_PARTITION', true);
    if (request === 'produce a') slow.resolve();
    return request === 'produce b' ? slow.promise : undefined;
  };
  await assert.rejects(transaction.send(TOPIC, batches(2)), SEND_FAILED);
  slow.resolve();
  const sent = brokers.requests.filter((request) => request.startsWith('produce'));
  assert.deepEqual(sent.toSorted(), ['produce a', 'produce b']);
});

// K20: a retry asks only leaders that have not answered. Where the new leader has, nobody is asked.
test('a partition whose leader moved while it was written to is never taken for written', async (t) => {
  const { brokers, producer } = await fenced(t, ['a', 'b']);
  const transaction = await producer.begin();
  const answered = deferred();
  brokers.trouble = async (request) => {
    if (request === 'produce b') setImmediate(answered.resolve);
    if (request !== 'produce a') return;
    await answered.promise;
    brokers.leaders = ['b', 'b'];
    throw lostConnection();
  };
  await assert.rejects(transaction.send(TOPIC, batches(2)), SEND_FAILED);
});

test('every partition must be acknowledged', async () => {
  const answers = [
    [],
    [{ partition: 0, errorCode: 0, baseOffset: '7' }],
    [
      { partition: 0, errorCode: 0, baseOffset: '7' },
      { partition: 1, errorCode: 5, baseOffset: '-1' },
    ],
  ];
  for (const answer of answers) {
    const transaction = { send: async () => answer };
    const kafka = { producer: () => ({ transaction: async () => transaction }) };
    const open = await producer(kafka as unknown as Kafka).begin();
    await assert.rejects(open.send(TOPIC, batches(2)), {
      ...SEND_FAILED,
      message: /^partition [01] was not acknowledged$/,
    });
  }
});

// K3: no number of attempts mends a producer that has been fenced.
test('a producer that was fenced stays so, and the one after it goes on', async (t) => {
  const { brokers, producer: first } = await fenced(t);
  const transaction = await first.begin();
  const thief = producer(brokers.kafka);
  await thief.fence();
  for (let attempt = 0; attempt < 2; attempt++) {
    await assert.rejects(transaction.send(TOPIC, batches(1)), FencedError);
  }
  await assert.rejects(first.begin(), /already an ongoing transaction/);
  const next = producer(brokers.kafka);
  await next.fence();
  const open = await next.begin();
  assert.equal((await open.send(TOPIC, batches(1))).length, 1);
  await open.commit();
});

// K4: kafkajs tries 5 times, and without end where it is to be idempotent.
test('a send that can never succeed fails at once', { timeout: 5_000 }, async (t) => {
  const { brokers, producer } = await fenced(t);
  const transaction = await producer.begin();
  brokers.trouble = () => {
    throw refusal('NOT_ENOUGH_REPLICAS', true);
  };
  await assert.rejects(transaction.send(TOPIC, batches(1)), SEND_FAILED);
});

// K6: kafkajs stays where it was, and lets nothing follow.
test('a commit whose answer is lost is no commit, and the producer is of no use any more', async (t) => {
  const { brokers, producer } = await fenced(t);
  const transaction = await producer.begin();
  await transaction.send(TOPIC, batches(1));
  brokers.trouble = (request) => {
    if (request === 'endTxn') throw lostConnection();
  };
  await assert.rejects(transaction.commit(), SEND_FAILED);
  assert.equal(brokers.requests.filter((request) => request === 'endTxn').length, 1);
  await assert.rejects(producer.begin(), SEND_FAILED);
});

test('what no attempt cures stops capture, with what does', async (t) => {
  const { brokers, producer } = await fenced(t);
  const transaction = await producer.begin();
  brokers.trouble = () => {
    throw refusal('MESSAGE_TOO_LARGE');
  };
  await assert.rejects(transaction.send(TOPIC, batches(1)), {
    code: 'kafka-refuses',
    action: 'stop',
    remedy: /max\.message\.bytes/,
  });
});
