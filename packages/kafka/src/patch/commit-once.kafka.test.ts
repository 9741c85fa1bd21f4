import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { uniqueName, until } from '@scoreline/testing';
import kafkajs, {
  type Batch,
  type Consumer,
  type ConsumerGroupJoinEvent,
  type Kafka,
} from 'kafkajs';

import { kafkaErrorType } from '../errors.ts';
import { dropGroup, internal, testAdmin, testKafka, testTopic } from '../testing/kafka.ts';

type Join = ConsumerGroupJoinEvent['payload'];

async function member(t: TestContext, kafka: Kafka, groupId: string, topic: string) {
  const consumer = kafka.consumer({ groupId, heartbeatInterval: 100, maxWaitTimeInMs: 100 });
  t.after(async () => {
    await consumer.disconnect();
    await dropGroup(kafka, groupId);
  });
  const joins: Join[] = [];
  const batches: Pick<Batch, 'memberId' | 'generationId'>[] = [];
  consumer.on('consumer.group_join', ({ payload }) => void joins.push(payload));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch: { memberId, generationId } }) =>
      void batches.push({ memberId, generationId }),
  });
  await until(() => joins.length > 0, { what: 'the join' });
  return { consumer, joins, batches };
}

function commit(
  consumer: Consumer,
  topic: string,
  { memberId, generationId }: Pick<Join, 'memberId' | 'generationId'>,
  offset: string,
  metadata = `at ${offset}`,
): Promise<void> {
  const partitions = [{ partition: 0, offset, metadata }];
  return consumer.commitOffsetsOnce({ memberId, generationId, topics: [{ topic, partitions }] });
}

const refused = (type: string) => (error: unknown) => kafkaErrorType(error) === type;

// K11 (tulios/kafkajs#1046): commitOffsets reads member and generation again for each attempt, so that
// one which met a connection error was accepted in the next generation, over another member's commit.
test('a commit counts for the generation it names, and for no later one', async (t) => {
  const kafka = testKafka(t);
  if (!kafka) return;
  const topic = await testTopic(t, kafka, 2);
  const admin = await testAdmin(t, kafka);
  const groupId = uniqueName('test_once');
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({
    topic,
    messages: Array.from({ length: 10 }, () => ({ partition: 0, value: 'x' })),
  });
  await producer.disconnect();
  const committed = async () => {
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const { offset, metadata } = offsets!.partitions.find(({ partition }) => partition === 0)!;
    return { offset, metadata };
  };

  const a = await member(t, kafka, groupId, topic);
  const before = a.joins[0]!;
  await until(() => a.batches.length > 0, { what: 'a batch' });
  assert.deepEqual(a.batches[0], { memberId: before.memberId, generationId: before.generationId });
  await commit(a.consumer, topic, before, '5');
  assert.deepEqual(await committed(), { offset: '5', metadata: 'at 5' });

  const b = await member(t, kafka, groupId, topic);
  await until(() => a.joins.length > 1, { what: 'the rebalance' });
  const now = a.joins.at(-1)!;
  assert.ok(now.generationId > before.generationId);
  await commit(b.consumer, topic, b.joins.at(-1)!, '8');
  await assert.rejects(commit(a.consumer, topic, before, '1'), refused('ILLEGAL_GENERATION'));
  const nobody = { memberId: 'nobody', generationId: now.generationId };
  await assert.rejects(commit(a.consumer, topic, nobody, '2'), refused('UNKNOWN_MEMBER_ID'));
  await assert.rejects(
    commit(a.consumer, topic, now, '3', 'y'.repeat(5000)),
    refused('OFFSET_METADATA_TOO_LARGE'),
  );
  assert.deepEqual(await committed(), { offset: '8', metadata: 'at 8' });
});

test('a commit that meets a connection error is not sent again', async (t) => {
  const kafka = testKafka(t);
  if (!kafka) return;
  const topic = await testTopic(t, kafka);
  const { consumer, joins } = await member(t, kafka, uniqueName('test_once'), topic);
  const { prototype } = internal('broker') as { prototype: { offsetCommit(): Promise<void> } };
  const sent = t.mock.method(prototype, 'offsetCommit', async () => {
    throw new kafkajs.KafkaJSConnectionError('Connection error');
  });
  await assert.rejects(commit(consumer, topic, joins[0]!, '1'), /Connection error/);
  assert.equal(sent.mock.callCount(), 1);
});
