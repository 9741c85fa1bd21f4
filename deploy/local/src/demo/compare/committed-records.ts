import { randomUUID } from 'node:crypto';

import type { Consumer, EachBatchPayload } from 'kafkajs-unpatched';

import { plainKafka } from '../kafka.ts';

export interface RecordsOf {
  /** `host:port`, ... */
  readonly brokers: readonly string[];
  readonly topic: string;
}

/**
 * Calls `visit` with the value of every committed record of a topic, and resolves when all are read: by
 * kafkajs as its authors released it, without the patch that the services carry.
 */
export async function readCommitted(
  { brokers, topic }: RecordsOf,
  visit: (value: Buffer, where: () => string) => void | Promise<void>,
): Promise<void> {
  const kafka = plainKafka('compare', brokers);
  const groupId = `compare-${randomUUID()}`;
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: QUIET_MS,
    maxBytesPerPartition: 4 * 1024 * 1024,
    readUncommitted: false,
  });
  const reading = new Reading(consumer);
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }: EachBatchPayload) =>
        reading.take(async () => {
          for (const { value, offset } of batch.messages) {
            const where = (): string => `partition ${batch.partition} offset ${offset}`;
            if (value === null) throw new Error(`${topic}: ${where()} has no value`);
            const visited = visit(value, where);
            // Almost never: waiting for nothing would cost more than the work.
            if (visited !== undefined) await visited;
          }
        }),
    });
    await reading.end;
  } finally {
    await consumer.disconnect();
    const admin = kafka.admin();
    await admin.connect();
    await admin.deleteGroups([groupId]).catch(() => {});
    await admin.disconnect();
  }
}

/** A fetch that waited so long and brought nothing is one at the end of everything that is committed. */
const QUIET_MS = 200;
/** One that took as long and did bring something is known for that when the next one has come. */
const QUIET_FETCHES = 3;

/**
 * Knows when everything is read: at some fetches in a row in which the broker waited and had nothing.
 * Offsets would not do: what comes last in a partition is a marker, which no reader sees.
 */
class Reading {
  readonly end: Promise<void>;
  #fail: (error: Error) => void = () => {};
  #taken = 0;

  constructor(consumer: Consumer) {
    this.end = new Promise((resolve, reject) => {
      this.#fail = reject;
      let [quiet, takenBefore, joins] = [0, 0, 0];
      consumer.on(consumer.events.FETCH, ({ payload }) => {
        quiet = payload.duration >= QUIET_MS && this.#taken === takenBefore ? quiet + 1 : 0;
        takenBefore = this.#taken;
        if (quiet === QUIET_FETCHES) resolve();
      });
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        // It joins again by itself where a new broker has not loaded its groups yet.
        if (!payload.restart) reject(payload.error);
      });
      consumer.on(consumer.events.GROUP_JOIN, () => {
        // Nothing is committed: a second join would read everything again, and count it twice.
        if (++joins > 1) reject(new Error('the reader of the topic was rebalanced: compare again'));
      });
    });
    this.end.catch(() => {});
  }

  /** Runs the work for a batch; kafkajs would retry what fails, and read it again. */
  async take(work: () => Promise<void>): Promise<void> {
    this.#taken++;
    await work().catch((error: unknown) => this.#fail(error as Error));
  }
}
