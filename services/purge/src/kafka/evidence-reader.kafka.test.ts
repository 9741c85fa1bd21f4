import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { ensureTopic, rowTopicSpec } from '@scoreline/kafka';
import { testClient } from '@scoreline/kafka/testing';
import { type CommitMetadata, formatCommitMetadata } from '@scoreline/landing';
import { type Bucket, LedgerView, retirementMessage, rosterMessage } from '@scoreline/ledger';
import { KafkaProxy, needServer, uniqueName } from '@scoreline/testing';
import type { Admin, Kafka } from 'kafkajs';

import { whyNotProven } from '../proof/bucket-proof.ts';
import { groupOf, seenKey } from '../proof/evidence.ts';
import { bucketOfRows, TestLedger } from '../testing/ledgers.ts';
import { activeSink, DEST } from '../testing/proofs.ts';
import { testAdmin } from '../testing/test-kafka.ts';
import { EvidenceReader } from './evidence-reader.ts';

const { signal } = new AbortController();
const ROWS = 10;

interface Scene {
  readonly brokers: string;
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly ledger: TestLedger;
  /** Two versions' topics, of two partitions with ten records each. */
  readonly topics: readonly [string, string];
  /** Its rows are in one partition of each topic. */
  readonly bucket: Bucket;
  readonly view: LedgerView;
  readonly reader: EvidenceReader;
  commit(
    at: { readonly sink: string; readonly topic: string; readonly partition: number },
    offset: number,
    metadata?: Partial<CommitMetadata> | null,
  ): Promise<void>;
  /** What keeps the bucket from being proven. */
  codes(reader?: EvidenceReader): Promise<unknown[]>;
}

async function scene(t: TestContext): Promise<Scene | null> {
  const brokers = needServer(t, 'kafka');
  if (brokers === '') return null;
  const kafka = testClient(brokers);
  const prefix = `${uniqueName('test')}_`;
  const admin = await testAdmin(t, kafka, prefix);
  const ledger = new TestLedger(kafka, admin, prefix);
  await ledger.create();
  const topics = [`${prefix}log_scores-v1`, `${prefix}log_scores-v2`] as const;
  const producer = kafka.producer();
  await producer.connect();
  for (const topic of topics) {
    await ensureTopic(admin, rowTopicSpec(topic, 2), { manage_topics: true, topic_replication: 1 });
    const messages = Array.from({ length: 2 * ROWS }, (_, row) => ({
      partition: row % 2,
      value: `${row}`,
    }));
    await producer.send({ topic, messages });
  }
  await producer.disconnect();
  const roster = [
    activeSink('a'),
    activeSink('t', { state: 'testing', dest: null }),
    activeSink('r', { state: 'retired' }),
  ];
  const { bucket, message } = bucketOfRows(7, [
    [topics[0], 0, 2, ROWS],
    [topics[1], 1, 0, 5],
  ]);
  await ledger.write(message, rosterMessage(roster));
  const view = new LedgerView(kafka, ledger.topic);
  t.after(() => view.close());
  const reader = new EvidenceReader(kafka, new Map());
  return {
    brokers,
    kafka,
    admin,
    ledger,
    topics,
    bucket,
    view,
    reader,
    async commit({ sink, topic, partition }, offset, metadata = {}) {
      const consumer = kafka.consumer({ groupId: groupOf(sink, topic) });
      await consumer.connect();
      const beside =
        metadata &&
        formatCommitMetadata({ since: 0n, dest: DEST, pending: [], landed: null, ...metadata });
      await consumer.commitOffsetsOnce({
        memberId: '',
        generationId: -1,
        topics: [{ topic, partitions: [{ partition, offset: String(offset), metadata: beside }] }],
      });
      await consumer.disconnect();
    },
    async codes(other = reader) {
      const evidence = await other.read(await view.refresh(signal), signal);
      return whyNotProven(bucket, evidence).map(({ code, at }) => [code, at?.topic, at?.partition]);
    },
  };
}

test('every partition of the topics that have rows is read, for the sinks that land', async (t) => {
  const s = await scene(t);
  if (!s) return;
  const [v1, v2] = s.topics;
  await s.commit({ sink: 'a', topic: v1, partition: 0 }, ROWS);
  await s.commit({ sink: 'a', topic: v2, partition: 1 }, 5);
  await s.commit({ sink: 't', topic: v1, partition: 0 }, 3);
  await s.commit({ sink: 'r', topic: v1, partition: 0 }, 3);
  const evidence = await s.reader.read(await s.view.refresh(signal), signal);
  assert.deepEqual(
    evidence.groups.map(({ group, partition, committed, logStart, logEnd }) => [
      group,
      partition,
      committed?.offset ?? null,
      logStart,
      logEnd,
    ]),
    [
      [groupOf('a', v1), 0, 10n, 0n, 10n],
      [groupOf('a', v1), 1, null, 0n, 10n],
      [groupOf('t', v1), 0, 3n, 0n, 10n],
      [groupOf('t', v1), 1, null, 0n, 10n],
      [groupOf('a', v2), 0, null, 0n, 10n],
      [groupOf('a', v2), 1, 5n, 0n, 10n],
      [groupOf('t', v2), 0, null, 0n, 10n],
      [groupOf('t', v2), 1, null, 0n, 10n],
    ],
  );
  assert.deepEqual(whyNotProven(s.bucket, evidence), []);
});

test('offsets that are moved, reset or deleted, and topics that are gone, prove nothing', async (t) => {
  const s = await scene(t);
  if (!s) return;
  const [v1, v2] = s.topics;
  const [first, second] = [
    { sink: 'a', topic: v1, partition: 0 },
    { sink: 'a', topic: v2, partition: 1 },
  ];
  await s.commit(first, ROWS - 1);
  await s.commit(second, ROWS);
  assert.deepEqual(await s.codes(), [['behind', v1, 0]]);
  await s.commit(first, ROWS);
  assert.deepEqual(await s.codes(), []);

  await s.commit(second, 5);
  assert.deepEqual(await s.codes(), [['offset-moved-back', v2, 1]]);
  const seen = new Map([[seenKey({ group: groupOf('a', v2), topic: v2, partition: 1 }, DEST), 6n]]);
  const anew = new EvidenceReader(s.kafka, seen);
  assert.deepEqual(await s.codes(anew), [['offset-moved-back', v2, 1]], 'as the purge log has it');
  await s.commit(second, ROWS);
  assert.deepEqual(await s.codes(), []);

  await s.commit(first, ROWS, null);
  assert.deepEqual(await s.codes(), [['offset-reset', v1, 0]]);
  await s.admin.deleteGroups([groupOf('a', v1)]);
  assert.deepEqual(await s.codes(), [['offset-missing', v1, 0]]);
  await s.admin.deleteTopics({ topics: [v1] });
  assert.deepEqual(
    await s.codes(),
    [['partition-missing', v1, 0]],
    'and of the other one is known',
  );
  assert.ok(!(await s.admin.listTopics()).includes(v1), 'and asking has made none');
});

test('an offset that somebody has set without the sink is not what it must reach again', async (t) => {
  const s = await scene(t);
  if (!s) return;
  const [v1, v2] = s.topics;
  await s.commit({ sink: 'a', topic: v2, partition: 1 }, ROWS);
  await s.commit({ sink: 'a', topic: v1, partition: 0 }, 9_999, null);
  await s.codes();
  await s.commit({ sink: 'a', topic: v1, partition: 0 }, ROWS);
  assert.deepEqual(await s.codes(), []);
});

test('of a retired topic counts what every group had committed then, though it is gone', async (t) => {
  const s = await scene(t);
  if (!s) return;
  const [v1, v2] = s.topics;
  await s.commit({ sink: 'a', topic: v2, partition: 1 }, ROWS);
  await s.admin.deleteTopics({ topics: [v1] });
  const metadata = formatCommitMetadata({ since: 2n, dest: DEST, pending: [], landed: null });
  const retires = async (committed: readonly number[], beside: readonly string[]) => {
    const groups = [{ group: groupOf('a', v1), committed, metadata: beside }];
    const rest = { successor: v2, ends: [ROWS, ROWS], atMs: 1, by: 'test' };
    await s.ledger.write(retirementMessage({ topic: v1, groups, ...rest }));
    return s.codes(new EvidenceReader(s.kafka, new Map()));
  };
  assert.deepEqual(await retires([ROWS + 1, -1], [metadata, '']), []);
  assert.deepEqual(await retires([ROWS - 1, ROWS], [metadata, metadata]), [['behind', v1, 0]]);
  assert.deepEqual(await retires([-1, ROWS], ['', metadata]), [['offset-missing', v1, 0]]);
  assert.deepEqual(await retires([ROWS, ROWS], ['', metadata]), [['offset-reset', v1, 0]]);
});

test('brokers that do not answer are no evidence', async (t) => {
  const s = await scene(t);
  if (!s) return;
  const proxy = await KafkaProxy.create(s.brokers);
  t.after(() => proxy.close());
  const reader = new EvidenceReader(
    testClient(proxy.address, { kafka_request_timeout: '1s' }),
    new Map(),
  );
  const state = await s.view.refresh(signal);
  assert.equal((await reader.read(state, signal)).groups.length, 8);
  proxy.judge = ({ apiKey }) => (apiKey === OFFSET_FETCH ? 'withhold' : 'pass');
  await assert.rejects(reader.read(state, signal), { code: 'evidence-unread', action: 'retry' });
  proxy.judge = () => 'pass';
  assert.equal((await reader.read(state, signal)).groups.length, 8);
});

const OFFSET_FETCH = 9;
