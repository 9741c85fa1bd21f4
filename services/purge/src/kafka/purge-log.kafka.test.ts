import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { testClient } from '@scoreline/kafka/testing';
import { KafkaProxy, needServer, uniqueName } from '@scoreline/testing';
import type { Kafka } from 'kafkajs';

import { groupOf, seenKey } from '../proof/evidence.ts';
import { testAdmin } from '../testing/test-kafka.ts';
import { highestInPurgeLog } from './purge-log-tail.ts';
import { PurgeLog } from './purge-log.ts';
import { encodePurgeRecord, type PurgeRecord } from './purge-record.ts';
import { purgesTopic } from './purge-topic.ts';

const { signal } = new AbortController();
const manage = { manage_topics: true, topic_replication: 1 };

function record(kind: PurgeRecord['kind'], chunk: string, committed = '100'): PurgeRecord {
  return {
    v: 1,
    kind,
    chunk,
    at: '2026-01-31T00:00:00.000Z',
    by: 'test@host',
    buckets: [7],
    ids: ['5', '7-9'],
    rows: 4,
    digest: 'abc',
    sinks: { x: { dest: 'folder', committed: { 'log_scores-v1': [committed, null] }, landed: {} } },
  };
}

interface Scene {
  readonly kafka: Kafka;
  readonly brokers: string;
  readonly topic: string;
  readonly prefix: string;
  /** Another process's. */
  log(kafka?: Kafka): PurgeLog;
}

async function scene(t: TestContext): Promise<Scene | null> {
  const brokers = needServer(t, 'kafka');
  if (brokers === '') return null;
  const kafka = testClient(brokers);
  const prefix = `${uniqueName('test')}_`;
  await testAdmin(t, kafka, prefix);
  const logs: PurgeLog[] = [];
  t.after(() => Promise.all(logs.map((log) => log.close())));
  return {
    kafka,
    brokers,
    prefix,
    topic: purgesTopic('log_scores', prefix),
    log(client = kafka) {
      const made = new PurgeLog(client, { table: 'log_scores', prefix, manage });
      logs.push(made);
      return made;
    },
  };
}

test('whoever opens the log is told of the intent that has no end, and shuts its writer out', async (t) => {
  const s = await scene(t);
  if (!s) return;
  const first = s.log();
  assert.deepEqual(await first.open(signal), { unfinished: null, highest: new Map() });
  for (const chunk of ['a', 'b']) {
    await first.append(record('intent', chunk, '700'));
    await first.append({ ...record('done', chunk), ms: 20, throttledMs: 0 });
  }
  await first.append(record('intent', 'c'));

  const second = s.log();
  const { unfinished, highest } = await second.open(signal);
  assert.deepEqual(unfinished, record('intent', 'c'));
  const at = { group: groupOf('x', 'log_scores-v1'), topic: 'log_scores-v1', partition: 0 };
  assert.deepEqual([...highest], [[seenKey(at, 'folder'), 700n]]);
  await assert.rejects(first.append(record('done', 'c')), {
    code: 'purge-log-append',
    action: 'retry',
  });
  await second.append({ ...record('resolved', 'c'), ids: ['7'], rows: 1 });
  assert.equal((await s.log().open(signal)).unfinished, null);
});

test('an append whose answer is lost fails, and the next one to open the log is told of it', async (t) => {
  const s = await scene(t);
  if (!s) return;
  const proxy = await KafkaProxy.create(s.brokers);
  t.after(() => proxy.close());
  const log = s.log(testClient(proxy.address, { kafka_request_timeout: '1s' }));
  await log.open(signal);
  proxy.judge = ({ apiKey }) => (apiKey === END_TXN ? 'lose-answer' : 'pass');
  const failed = { code: 'purge-log-append', action: 'retry' };
  await assert.rejects(log.append(record('intent', 'a')), failed);
  proxy.judge = () => 'pass';
  await assert.rejects(log.append(record('intent', 'b')), failed, 'what became of it is not known');
  assert.equal((await log.open(signal)).unfinished?.chunk, 'a');
  await log.append(record('resolved', 'a'));
});

const END_TXN = 26;

test('what a process that died had not committed is not there', async (t) => {
  const s = await scene(t);
  if (!s) return;
  await s.log().open(signal);
  const transactionalId = `${s.topic.replace('log_scores-v1.purges', '')}scoreline-purge-log_scores`;
  const producer = s.kafka.producer({ transactionalId, retry: { retries: 0 } });
  await producer.connect();
  t.after(() => producer.disconnect());
  const transaction = await producer.transaction();
  const value = encodePurgeRecord(record('intent', 'dead'));
  await transaction.send({ topic: s.topic, messages: [{ partition: 0, value }] });
  assert.equal((await s.log().open(signal)).unfinished, null);
  await assert.rejects(transaction.commit());
  assert.equal((await s.log().open(signal)).unfinished, null);
});

test('one intent at a time, and an end for it alone', async (t) => {
  const s = await scene(t);
  if (!s) return;
  const log = s.log();
  await log.open(signal);
  await assert.rejects(log.append(record('done', 'a')), /^RangeError: done of a, while none/);
  await log.append(record('intent', 'a'));
  await assert.rejects(log.append(record('intent', 'b')), /^RangeError: intent of b, while a is/);
  await assert.rejects(log.append(record('resolved', 'b')), RangeError);
  await log.append(record('done', 'a'));
});

test('the end of a long log is read alone, and what is not understood there stops', async (t) => {
  const s = await scene(t);
  if (!s) return;
  await s.log().open(signal);
  const producer = s.kafka.producer();
  await producer.connect();
  t.after(() => producer.disconnect());
  const send = (values: readonly (Buffer | string)[]) =>
    producer.send({
      topic: s.topic,
      messages: values.map((value) => ({ partition: 0, value })),
    });
  await send([Buffer.from('not a record'), encodePurgeRecord(record('done', 'old', '9000'))]);
  await send(Array.from({ length: 2_000 }, () => encodePurgeRecord(record('done', 'a', '42'))));
  const { highest } = await s.log().open(signal);
  assert.deepEqual([...highest.values()], [42n]);

  await send([JSON.stringify({ ...record('intent', 'new'), v: 2 })]);
  await assert.rejects(s.log().open(signal), {
    code: 'purge-log-unknown',
    message: new RegExp(`${s.topic}\\[0\\] offset 2002 is not understood`),
  });
});

test('who only looks reads what is committed, shuts nobody out, and is told when it cannot be read', async (t) => {
  const s = await scene(t);
  if (!s) return;
  const highest = (kafka = s.kafka) =>
    highestInPurgeLog(kafka, { table: 'log_scores', prefix: s.prefix, timeoutMs: 1_000, signal });
  assert.deepEqual(await highest(), new Map(), 'nothing was ever purged');
  const log = s.log();
  await log.open(signal);
  await log.append(record('intent', 'a', '700'));
  assert.deepEqual([...(await highest()).values()], [700n]);
  await log.append(record('done', 'a'));

  const proxy = await KafkaProxy.create(s.brokers);
  t.after(() => proxy.close());
  for (const apiKey of [METADATA, LIST_OFFSETS, FETCH]) {
    proxy.judge = (request) => (request.apiKey === apiKey ? 'withhold' : 'pass');
    await assert.rejects(highest(testClient(proxy.address, { kafka_request_timeout: '1s' })), {
      code: 'purge-log-unread',
      action: 'retry',
    });
  }
});

const FETCH = 1;
const LIST_OFFSETS = 2;
const METADATA = 3;
