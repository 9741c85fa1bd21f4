import type { TestContext } from 'node:test';

import { ensureTopic } from '@scoreline/kafka';
import { testClient } from '@scoreline/kafka/testing';
import { needServer, uniqueName, until } from '@scoreline/testing';
import type { Kafka, Producer } from 'kafkajs';

import type { LedgerMessage } from '../message.ts';
import { ledgerSpec, ledgerTopic } from '../topic.ts';

const MANAGED = { manage_topics: true, topic_replication: 1 };

/** A ledger topic of the test's own. */
export interface TestLedger {
  readonly kafka: Kafka;
  readonly topic: string;
  create(): Promise<void>;
  drop(): Promise<void>;
  /** Writes in one transaction, under an id that is capture's in these tests. Others must have none open. */
  write(messages: readonly LedgerMessage[], end?: 'commit' | 'abort'): Promise<void>;
  /** A transactional producer beside that one. */
  producer(name: string): Promise<Producer>;
  /** Those that were made: a consumer needs a group, and a coordinator that may be away. */
  consumers(): number;
}

/** Null when there is no Kafka. */
export async function testLedger(
  t: TestContext,
  { isCreated = true } = {},
): Promise<TestLedger | null> {
  const brokers = needServer(t, 'kafka');
  if (brokers === '') return null;
  const kafka = testClient(brokers);
  const topic = ledgerTopic('log_scores', `${uniqueName('test')}_`);
  const consumer = t.mock.method(kafka, 'consumer');
  const admin = kafka.admin();
  await admin.connect();
  const producers = new Map<string, Producer>();
  t.after(async () => {
    for (const one of producers.values()) await one.disconnect().catch(() => {});
    await admin.deleteTopics({ topics: [topic] }).catch(() => {});
    await admin.disconnect();
  });
  const create = async (): Promise<void> => {
    await ensureTopic(admin, ledgerSpec(topic), MANAGED);
  };
  if (isCreated) await create();
  const producer = async (name: string): Promise<Producer> => {
    const known = producers.get(name);
    if (known !== undefined) return known;
    const transactionalId = `${topic}-${name}`;
    const made = kafka.producer({ transactionalId, retry: { retries: 0 } });
    producers.set(name, made);
    await made.connect();
    return made;
  };
  return {
    kafka,
    topic,
    create,
    producer,
    async drop() {
      await admin.deleteTopics({ topics: [topic] });
    },
    async write(messages, end = 'commit') {
      const transaction = await (await producer('capture')).transaction();
      const sent = messages.map((message) => ({ ...message, partition: 0 }));
      const [answer] = await transaction.send({ topic, messages: sent });
      await transaction[end]();
      // A commit is answered before its marker is written.
      const marker = BigInt(answer!.baseOffset!) + BigInt(sent.length);
      const isOver = async (): Promise<boolean> =>
        BigInt((await admin.fetchTopicOffsets(topic))[0]!.high) > marker;
      await until(isOver, { what: 'the end of a transaction', everyMs: 5 });
    },
    consumers: () => consumer.mock.callCount(),
  };
}
