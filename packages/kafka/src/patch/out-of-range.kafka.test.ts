import assert from 'node:assert/strict';
import { test } from 'node:test';

import { uniqueName, until } from '@scoreline/testing';

import { dropGroup, testAdmin, testKafka, testTopic } from '../testing/kafka.ts';

// K8: upstream commits -1 or -2 over the group's offset and metadata, and goes on behind the gap.
for (const fromBeginning of [false, true]) {
  test(`a group whose next record was deleted stops, its commit as it was (fromBeginning: ${fromBeginning})`, async (t) => {
    const kafka = testKafka(t);
    if (!kafka) return;
    const topic = await testTopic(t, kafka);
    const admin = await testAdmin(t, kafka);
    const groupId = uniqueName('test_gap');
    const producer = kafka.producer();
    await producer.connect();
    t.after(() => producer.disconnect());
    const messages = Array.from({ length: 1500 }, (_, i) => ({ partition: 0, value: String(i) }));
    await producer.send({ topic, messages });

    const first = kafka.consumer({ groupId });
    await first.connect();
    await first.subscribe({ topic, fromBeginning: true });
    let seen = false;
    await first.run({ autoCommit: false, eachBatch: async () => void (seen = true) });
    await until(() => seen, { what: 'a record' });
    await first.commitOffsets([{ topic, partition: 0, offset: '500', metadata: 'landed 0-499' }]);
    await first.disconnect();
    await admin.fetchTopicOffsets(topic); // loads the metadata that deleteTopicRecords needs
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '900' }] });

    const second = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
    t.after(async () => {
      await second.disconnect();
      await dropGroup(kafka, groupId);
    });
    let crash: { error: Error; restart: boolean } | undefined;
    const delivered: string[] = [];
    second.on('consumer.crash', ({ payload }) => void (crash = payload));
    await second.connect();
    await second.subscribe({ topic, fromBeginning });
    await second.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => void delivered.push(batch.messages[0]!.offset),
    });
    await producer.send({ topic, messages: [{ partition: 0, value: 'later' }] });
    await until(() => crash !== undefined || delivered.length > 0, { what: 'a crash' });

    assert.deepEqual(delivered, [], 'nothing from behind the gap');
    assert.equal(crash?.restart, false, 'the consumer does not begin again by itself');
    assert.ok(crash?.error.message.includes(`Offset out of range: ${topic}[0]`));
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const { offset, metadata } = offsets!.partitions[0]!;
    assert.deepEqual({ offset, metadata }, { offset: '500', metadata: 'landed 0-499' });
  });
}
