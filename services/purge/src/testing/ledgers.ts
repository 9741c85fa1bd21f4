import { randomUUID } from 'node:crypto';

import { ensureTopic } from '@scoreline/kafka';
import {
  Bucket,
  bucketMessage,
  type Checkpoint,
  checkpointMessage,
  type LedgerMessage,
  ledgerSpec,
  ledgerTopic,
} from '@scoreline/ledger';
import { until } from '@scoreline/testing';
import type { Admin, Kafka } from 'kafkajs';

import { checkpointOf } from './checkpoint-of.ts';

/** A ledger as capture writes it, in tests that write no rows. */
export class TestLedger {
  readonly topic: string;
  readonly uuid = randomUUID();
  readonly #kafka: Kafka;
  #offset = 0;

  readonly #admin: Admin;

  constructor(kafka: Kafka, admin: Admin, prefix: string) {
    this.#kafka = kafka;
    this.#admin = admin;
    this.topic = ledgerTopic('log_scores', prefix);
  }

  async create(): Promise<void> {
    const managed = { manage_topics: true, topic_replication: 1 };
    await ensureTopic(this.#admin, ledgerSpec(this.topic), managed);
  }

  /** One transaction, with its checkpoint last. */
  async write(...messages: readonly LedgerMessage[]): Promise<void> {
    const producer = this.#kafka.producer({
      transactionalId: this.topic,
      retry: { retries: 2 },
    });
    await producer.connect();
    try {
      const transaction = await producer.transaction();
      const all = [...messages, checkpointMessage(this.#checkpoint())];
      const sent = all.map((message) => ({ ...message, partition: 0 }));
      const [answer] = await transaction.send({ topic: this.topic, messages: sent });
      await transaction.commit();
      await this.#isOver(BigInt(answer!.baseOffset!) + BigInt(sent.length));
    } finally {
      await producer.disconnect();
    }
  }

  #checkpoint(): Checkpoint {
    const position = { file: 'binlog.000042', offset: (this.#offset += 100) };
    return checkpointOf({ ledgerUuid: this.uuid, position });
  }

  /** A commit is answered before its marker is written. */
  async #isOver(marker: bigint): Promise<void> {
    const isOver = async (): Promise<boolean> =>
      BigInt((await this.#admin.fetchTopicOffsets(this.topic))[0]!.high) > marker;
    await until(isOver, { what: 'the end of a transaction', everyMs: 5 });
  }
}

/** A bucket whose rows are there, each an id of its own. */
export function bucketOfRows(
  number: number,
  rows: readonly (readonly [topic: string, partition: number, first: number, end: number])[],
): { readonly bucket: Bucket; readonly message: LedgerMessage } {
  const bucket = new Bucket(number);
  rows.forEach(([topic, partition, first, end], id) => {
    bucket.captured.add(id);
    bucket.wrote(topic, partition, first, end);
  });
  return { bucket, message: bucketMessage(bucket) };
}
