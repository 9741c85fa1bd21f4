import { randomUUID } from 'node:crypto';
import { once } from 'node:events';

import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { type Admin, type Consumer, Kafka, type KafkaMessage, logLevel } from 'kafkajs-unpatched';

import { recordDecoder } from './topic-record.ts';

export interface TailOptions {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly topic: string;
  /** Ends after so many records. */
  readonly limit: number;
  readonly fromBeginning: boolean;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

/** How far before each partition's end it begins. Transactions' markers have offsets too. */
const NEWEST = 10;

/** Prints committed records as lines of JSON; commits nothing and leaves no group behind. */
export async function tail(options: TailOptions): Promise<void> {
  const { topic, brokers } = options;
  const kafka = new Kafka({
    clientId: 'scoreline-topic-tail',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 2 },
  });
  const admin = kafka.admin();
  const groupId = `topic-tail-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId });
  try {
    await admin.connect();
    const start = await firstOffsets(admin, options);
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await follow(consumer, start, options);
  } finally {
    await consumer.disconnect();
    // Not there when nothing was read; what matters has been printed either way.
    await admin.deleteGroups([groupId]).catch(() => {});
    await admin.disconnect();
  }
}

async function follow(
  consumer: Consumer,
  start: readonly { partition: number; offset: string }[],
  { topic, registryUrl, limit, print, signal }: TailOptions,
): Promise<void> {
  const decode = recordDecoder(new SchemaRegistry({ host: registryUrl }));
  const enough = new AbortController();
  const ended = AbortSignal.any([signal, enough.signal]);
  let left = limit;
  const take = async (partition: number, message: KafkaMessage): Promise<void> => {
    const line = await decode(partition, message);
    if (left <= 0 || ended.aborted) return;
    print(line);
    left -= 1;
    if (left === 0) enough.abort();
  };
  let failed: Error | undefined;
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (payload.restart) return;
    failed = payload.error;
    enough.abort();
  });
  await consumer.run({
    autoCommit: false,
    eachMessage: ({ partition, message }) => take(partition, message),
  });
  for (const { partition, offset } of start) consumer.seek({ topic, partition, offset });
  if (!ended.aborted) await once(ended, 'abort');
  if (failed !== undefined) throw failed;
}

async function firstOffsets(
  admin: Admin,
  { topic, fromBeginning }: TailOptions,
): Promise<{ partition: number; offset: string }[]> {
  const topics = await admin.listTopics();
  if (!topics.includes(topic)) {
    throw new Error(`there is no topic ${topic}; there are: ${topics.toSorted().join(', ')}`);
  }
  return (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => {
    const newest = BigInt(high) - BigInt(NEWEST);
    const first = fromBeginning || newest < BigInt(low) ? BigInt(low) : newest;
    return { partition, offset: String(first) };
  });
}
