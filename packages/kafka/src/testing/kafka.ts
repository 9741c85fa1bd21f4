import { createRequire } from 'node:module';
import type { TestContext } from 'node:test';

import { needServer, uniqueName } from '@scoreline/testing';
import kafkajs, {
  type Admin,
  type Batch,
  type ConsumerConfig,
  Kafka,
  type KafkaMessage,
  logLevel,
} from 'kafkajs';

process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1';

const require = createRequire(import.meta.url);

/** A module of kafkajs that it does not export, for the caller to say what it is: `consumer/runner`. */
export function internal(path: string): unknown {
  return require(`kafkajs/src/${path}`);
}

/** What kafkajs throws for an error that a broker answers. */
export function protocolError(type: string): Error {
  const answer = Object.assign(new Error(type), { type, code: 1, retriable: false });
  return new kafkajs.KafkaJSProtocolError(answer);
}

/** A client without our settings, so that a test fails by its promise where the patch is missing. */
export function testKafka(t: TestContext): Kafka | null {
  const brokers = needServer(t, 'kafka');
  if (brokers === '') return null;
  return new Kafka({
    clientId: 'scoreline-test',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    requestTimeout: 10_000,
  });
}

export async function testAdmin(t: TestContext, kafka: Kafka): Promise<Admin> {
  const admin = kafka.admin();
  await admin.connect();
  t.after(() => admin.disconnect());
  return admin;
}

/** A topic of the test's own, deleted after it. Records in tests carry old timestamps: it keeps them. */
export async function testTopic(
  t: TestContext,
  kafka: Kafka,
  numPartitions = 1,
  configs: Readonly<Record<string, string>> = {},
): Promise<string> {
  const topic = uniqueName('test_kafka');
  const admin = kafka.admin();
  await admin.connect();
  t.after(async () => {
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });
  const configEntries = Object.entries({ 'retention.ms': '-1', ...configs });
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      {
        topic,
        numPartitions,
        replicationFactor: 1,
        configEntries: configEntries.map(([name, value]) => ({ name, value })),
      },
    ],
  });
  return topic;
}

/** Hooks run in the order they were set, so each deletes with a client of its own. */
export async function dropGroup(kafka: Kafka, groupId: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteGroups([groupId]).catch(() => {});
  await admin.disconnect();
}

export interface ReadOptions extends Partial<ConsumerConfig> {
  readonly onBatch?: (batch: Batch) => void;
  /** Offsets to begin at, by partition. */
  readonly from?: Readonly<Record<number, bigint>>;
  /** Where to end, by partition; the ends of the log otherwise. */
  readonly until?: Readonly<Record<number, bigint>>;
}

/**
 * Everything that a consumer is shown of a topic, by partition.
 *
 * @throws what the consumer crashes with, or an Error when it does not get to the end in 20 s.
 */
export async function readAll(
  kafka: Kafka,
  topic: string,
  { from, until, onBatch, ...config }: ReadOptions = {},
): Promise<KafkaMessage[][]> {
  const admin = kafka.admin();
  const groupId = uniqueName('test_reader');
  const consumer = kafka.consumer({ maxWaitTimeInMs: 100, ...config, groupId });
  const read: KafkaMessage[][] = [];
  try {
    await admin.connect();
    const open = new Map<number, bigint>();
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      read[partition] = [];
      const end = until?.[partition] ?? BigInt(high);
      if (end > (from?.[partition] ?? BigInt(low))) open.set(partition, end);
    }
    if (open.size === 0) return read;
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        const left = [...open].map(([partition, end]) => `${partition} to ${end}`).join(', ');
        reject(new Error(`reading ${topic} did not get to its end: partition ${left}`));
      }, 20_000);
      const finish = (error?: Error): void => {
        clearTimeout(late);
        if (error) reject(error);
        else resolve();
      };
      consumer.on('consumer.crash', ({ payload }) => finish(payload.error));
      consumer.on('consumer.end_batch_process', ({ payload: { partition, lastOffset } }) => {
        if (BigInt(lastOffset) + 1n >= (open.get(partition) ?? 0n)) open.delete(partition);
        if (open.size === 0) finish();
      });
      const running = consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          onBatch?.(batch);
          for (const message of batch.messages) read[batch.partition]!.push(message);
        },
      });
      running.catch(finish);
      for (const [partition, offset] of Object.entries(from ?? {})) {
        consumer.seek({ topic, partition: Number(partition), offset: String(offset) });
      }
    });
    return read;
  } finally {
    await consumer.disconnect();
    await admin.disconnect();
    await dropGroup(kafka, groupId);
  }
}
