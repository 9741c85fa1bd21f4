import { aborted } from '@scoreline/service';
import type { Admin, Kafka, KafkaMessage } from 'kafkajs';

import { SilenceError } from './read-topic.ts';

export interface ReadPartitionOptions {
  readonly signal: AbortSignal;
  /** How long the brokers may send nothing before the read fails. */
  readonly silenceMs: number;
}

/** True when enough was read. */
export type MessagesVisitor = (messages: readonly KafkaMessage[]) => boolean;

/** Of one answer; a broker sends a larger record batch all the same. */
const FETCH_BYTES = 4 * 1024 * 1024;
const WAIT_MS = 50;

/**
 * Reads committed records of one partition from the log's start until `visit` says that it is enough. Needs
 * no group: brokers hold up the first join of one for seconds, which a takeover does not have.
 *
 * @throws what `visit` throws, what the brokers say, or SilenceError.
 */
export async function readPartition(
  kafka: Kafka,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  { signal, silenceMs }: ReadPartitionOptions,
  visit: MessagesVisitor,
): Promise<void> {
  signal.throwIfAborted();
  const admin = kafka.admin({ retry: { retries: 2 } });
  const over = new AbortController();
  const walk = async (): Promise<void> => {
    await admin.connect();
    let offset = await logStart(admin, topic, partition);
    let heardAt = performance.now();
    while (!over.signal.aborted) {
      const { messages, nextOffset } = await admin.fetchPartition({
        topic,
        partition,
        offset,
        maxBytes: FETCH_BYTES,
        maxWaitTimeInMs: WAIT_MS,
      });
      if (over.signal.aborted) return;
      if (nextOffset !== offset) heardAt = performance.now();
      else if (performance.now() - heardAt > silenceMs) throw new SilenceError(silenceMs);
      if (messages.length > 0 && visit(messages)) return;
      offset = nextOffset;
    }
  };
  const walking = walk();
  try {
    await Promise.race([walking, aborted(AbortSignal.any([signal, over.signal]))]);
    signal.throwIfAborted();
  } finally {
    over.abort();
    // Whoever stops does not wait for a broker that says nothing.
    walking.catch(() => {});
    const closing = admin.disconnect().catch(() => {});
    if (!signal.aborted) await closing;
  }
}

async function logStart(admin: Admin, topic: string, partition: number): Promise<string> {
  const offsets = await admin.fetchTopicOffsets(topic);
  const found = offsets.find((one) => one.partition === partition);
  if (found === undefined) throw new Error(`${topic} has no partition ${partition}`);
  return found.low;
}
