import { randomUUID } from 'node:crypto';

import type { Batch, Kafka } from 'kafkajs';

export interface ReadTopicOptions {
  readonly signal: AbortSignal;
  /** Begins the name of the group, for ACLs. */
  readonly group: string;
  /** How long the brokers may send nothing before the read fails. */
  readonly silenceMs: number;
  /** Batches hold record batches instead of records. */
  readonly rawRecordBatches?: boolean;
  /**
   * Which partitions are read, and from which offset on: asked again after every join, for then a
   * consumer without commits forgets where it was. All from the log's start, without it.
   */
  readonly positions?: () => ReadonlyMap<number, number>;
}

/** True when enough was read. `pause` ends the reading of the batch's partition. */
export type BatchVisitor = (batch: Batch, pause: () => void) => boolean;

/**
 * Reads committed records of a topic until `visit` says that it is enough, and leaves nothing behind:
 * kafkajs reads through groups only, so this one commits nothing, and is deleted at the end.
 *
 * A batch may come twice, or begin before the position, after the group was joined again.
 *
 * @throws what `visit` throws, what the consumer crashes with, or SilenceError.
 */
export async function readTopic(
  kafka: Kafka,
  topic: string,
  options: ReadTopicOptions,
  visit: BatchVisitor,
): Promise<void> {
  const { signal, silenceMs, rawRecordBatches = false, positions } = options;
  signal.throwIfAborted();
  const groupId = `${options.group}-${randomUUID()}`;
  const consumer = kafka.consumer({
    groupId,
    rawRecordBatches,
    readUncommitted: false,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 50,
    sessionTimeout: 10_000,
    retry: { retries: 2, restartOnFailure: async () => false },
  });
  const end = settled();
  const stop = (): void => end.reject(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  const silence = setTimeout(() => end.reject(new SilenceError(silenceMs)), silenceMs);
  consumer.on('consumer.end_batch_process', () => silence.refresh());
  consumer.on('consumer.crash', ({ payload }) => end.reject(payload.error));
  consumer.on('consumer.group_join', ({ payload }) => {
    if (positions === undefined) return;
    const wanted = positions();
    for (const partition of payload.memberAssignment[topic] ?? []) {
      const offset = wanted.get(partition);
      if (offset === undefined) consumer.pause([{ topic, partitions: [partition] }]);
      else consumer.seek({ topic, partition, offset: String(offset) });
    }
  });
  let isOver = false;
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async (payload) => {
        if (isOver) return;
        try {
          isOver = visit(payload.batch, () => payload.pause());
          if (isOver) end.resolve();
        } catch (error) {
          isOver = true;
          end.reject(error);
        }
      },
    });
    await end.promise;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    isOver = true;
    clearTimeout(silence);
    signal.removeEventListener('abort', stop);
    await consumer.disconnect().catch(() => {});
    await forget(kafka, groupId);
  }
}

/** Nothing came for so long, though more was to come. */
export class SilenceError extends Error {
  constructor(silenceMs: number) {
    super(`nothing for ${silenceMs} ms`);
    this.name = 'SilenceError';
  }
}

async function forget(kafka: Kafka, groupId: string): Promise<void> {
  const admin = kafka.admin({ retry: { retries: 1 } });
  try {
    await admin.connect();
    await admin.deleteGroups([groupId]);
  } catch {
    // An empty group without offsets is dropped by the broker itself.
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

function settled() {
  let resolve!: () => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(() => {}); // it may fail before it is waited for
  return { promise, resolve, reject };
}
