import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readPartition } from './read-partition.ts';
import { SilenceError } from './silence-error.ts';
import { testAdmin, testKafka, testTopic } from './testing/kafka.ts';

const { signal } = new AbortController();

// Without the patch there is no way but through a group, whose first join brokers hold up.
test('a partition is read without a group: committed records, and no others', async (t) => {
  const kafka = testKafka(t);
  if (!kafka) return;
  const topic = await testTopic(t, kafka, 2);
  const producer = kafka.producer({ transactionalId: topic, retry: { retries: 0 } });
  await producer.connect();
  t.after(() => producer.disconnect());
  const large = 'x'.repeat(900_000);
  const expected: string[] = [];
  // More than one answer of the broker brings.
  for (let round = 0; round < 8; round++) {
    const isCommitted = round % 3 !== 1;
    const transaction = await producer.transaction();
    const values = [`${round}`, `${round} ${large}`];
    const messages = [0, 1].flatMap((partition) => values.map((value) => ({ partition, value })));
    await transaction.send({ topic, messages });
    await transaction[isCommitted ? 'commit' : 'abort']();
    if (isCommitted) expected.push(...values);
  }
  const before = await groups();
  const found: string[] = [];
  let answers = 0;
  await readPartition(kafka, { topic, partition: 1 }, { signal, silenceMs: 10_000 }, (messages) => {
    answers++;
    found.push(...messages.map(({ value }) => value!.toString()));
    return found.length >= expected.length;
  });
  assert.deepEqual(found, expected);
  assert.ok(answers > 1, 'one answer is not walked on from');
  assert.deepEqual(await groups(), before);

  async function groups(): Promise<string[]> {
    const admin = await testAdmin(t, kafka!);
    return (await admin.listGroups()).groups.map(({ groupId }) => groupId);
  }
});

test('a read begins where the log does, and ends when nothing comes, or nobody wants it', async (t) => {
  const kafka = testKafka(t);
  if (!kafka) return;
  const topic = await testTopic(t, kafka, 1);
  const producer = kafka.producer();
  await producer.connect();
  t.after(() => producer.disconnect());
  const messages = ['a', 'b', 'c'].map((value) => ({ partition: 0, value }));
  await producer.send({ topic, messages });
  const admin = await testAdmin(t, kafka);
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
  const found: string[] = [];
  const at = { topic, partition: 0 };
  const keep = (read: readonly { value: Buffer | null }[]): boolean => {
    found.push(...read.map(({ value }) => value!.toString()));
    return false;
  };
  await assert.rejects(readPartition(kafka, at, { signal, silenceMs: 300 }, keep), SilenceError);
  assert.deepEqual(found, ['c']);

  const stopping = new AbortController();
  const options = { signal: stopping.signal, silenceMs: 10_000 };
  const stopped = readPartition(kafka, at, options, () => {
    stopping.abort(new Error('stopping'));
    return false;
  });
  await assert.rejects(stopped, /^Error: stopping$/);
  await assert.rejects(
    readPartition(kafka, at, { signal, silenceMs: 10_000 }, () => {
      throw new Error('not understood');
    }),
    /^Error: not understood$/,
  );
});
