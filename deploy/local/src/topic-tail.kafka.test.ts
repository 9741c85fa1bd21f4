import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { needServer, uniqueName } from '@scoreline/testing';
import { type Admin, Kafka, logLevel } from 'kafkajs-unpatched';

import { tail } from './topic-tail.ts';

const SCHEMA = {
  type: 'record',
  name: 'Thing',
  fields: [{ name: 'id', type: 'long' }],
};

test('tail prints committed records through the registry, others as base64, and leaves no group', async (t) => {
  const brokers = needServer(t, 'kafka').split(',');
  const registryUrl = needServer(t, 'registry');
  if (registryUrl === '') return;
  const topic = uniqueName('tail');
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
  t.after(async () => {
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });
  const registry = new SchemaRegistry({ host: registryUrl });
  const { id } = await registry.register(
    { type: SchemaType.AVRO, schema: JSON.stringify(SCHEMA) },
    { subject: `${topic}-value` },
  );

  const producer = kafka.producer({
    transactionalId: topic,
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  t.after(() => producer.disconnect());
  const transaction = await producer.transaction();
  const messages = [
    { key: '1', value: await registry.encode(id, { id: 11 }), timestamp: '1700000000000' },
    { key: '2', value: Buffer.from('not ours') },
  ];
  await transaction.send({ topic, messages });
  await transaction.commit();
  const aborted = await producer.transaction();
  await aborted.send({ topic, messages: [{ key: '3', value: 'aborted' }] });
  await aborted.abort();
  const last = await producer.transaction();
  await last.send({
    topic,
    messages: [{ key: '4', value: await registry.encode(id, { id: 44 }) }],
  });
  await last.commit();

  const before = await tailGroups(admin);
  const lines: string[] = [];
  await tail({
    brokers,
    registryUrl,
    topic,
    limit: 3,
    fromBeginning: true,
    print: (line) => lines.push(line),
    signal: AbortSignal.timeout(30_000),
  });
  const [first, second, third] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(first, {
    partition: 0,
    offset: '0',
    timestamp: '2023-11-14T22:13:20.000Z',
    key: '1',
    schemaId: id,
    value: { id: 11 },
  });
  assert.equal(second?.['base64'], Buffer.from('not ours').toString('base64'));
  assert.deepEqual(third?.['value'], { id: 44 });
  assert.deepEqual(await tailGroups(admin), before);
});

async function tailGroups(admin: Admin): Promise<string[]> {
  const { groups } = await admin.listGroups();
  const names = groups.map(({ groupId }) => groupId);
  return names.filter((name) => name.startsWith('topic-tail-')).toSorted();
}
