import { kafkaErrorType, PartitionReader } from '@scoreline/kafka';
import { RetryableError, ScorelineError, unlessAborted } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { groupOf, seenKey } from '../proof/evidence.ts';
import { decodePurgeRecord, type PurgeRecord } from './purge-record.ts';
import { purgesTopic } from './purge-topic.ts';

/** What the log says of those who wrote before. */
export interface PurgeLogTail {
  /** The last intent, when nobody noted its end. */
  readonly unfinished: PurgeRecord | null;
  /** The highest offsets that the last records saw committed, by `seenKey`. */
  readonly highest: ReadonlyMap<string, bigint>;
}

export interface TailOptions {
  readonly signal: AbortSignal;
  /** How long the brokers may be silent. */
  readonly timeoutMs?: number | undefined;
}

/** So many offsets at the end are read: a thousand records, each with its transaction's marker. */
const TAIL_OFFSETS = 2_000n;

/** What is committed in it by now: somebody who has not opened it may be writing more. */
export async function readPurgeLogTail(
  kafka: Kafka,
  topic: string,
  { signal, timeoutMs = 30_000 }: TailOptions,
): Promise<PurgeLogTail> {
  const reader = new PartitionReader(kafka, { topic, partition: 0 }, timeoutMs);
  let unfinished: PurgeRecord | null = null;
  const highest = new Map<string, bigint>();
  try {
    const { start, end } = await reader.bounds(signal);
    const from = end - TAIL_OFFSETS > start ? end - TAIL_OFFSETS : start;
    if (from < end) {
      await reader.read(from, signal, (messages, next) => {
        for (const { value, offset } of messages) {
          const record = decodePurgeRecord(value, `${topic}[0] offset ${offset}`);
          unfinished = record.kind === 'intent' ? record : null;
          noteHighest(record, highest);
        }
        return next >= end;
      });
    }
    return { unfinished, highest };
  } finally {
    await reader.close();
  }
}

/**
 * For whoever only looks: the highest offsets, without the log becoming theirs. Its writer goes on. A table that was
 * never purged has no log, and is not given one.
 *
 * @throws PermanentError `purge-log-unknown`, RetryableError `purge-log-unread`: what it says is not known then.
 */
export async function highestInPurgeLog(
  kafka: Kafka,
  {
    table,
    prefix = '',
    ...options
  }: TailOptions & { readonly table: string; readonly prefix?: string },
): Promise<PurgeLogTail['highest']> {
  const topic = purgesTopic(table, prefix);
  const { signal } = options;
  try {
    if (!(await unlessAborted(exists(kafka, topic), signal))) return new Map();
    return (await readPurgeLogTail(kafka, topic, options)).highest;
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof ScorelineError ? error : purgeLogUnread(topic, error);
  }
}

export function purgeLogUnread(topic: string, cause: unknown): RetryableError {
  const type = kafkaErrorType(cause);
  return new RetryableError(
    `the purge log ${topic} cannot be read: ${type ?? (cause as Error).message}`,
    {
      code: 'purge-log-unread',
      remedy: 'Check that the brokers run, and that this user may read and write the topic.',
      cause,
    },
  );
}

/** Asked for by its name: a list of topics leaves out those that this user may not see. */
async function exists(kafka: Kafka, topic: string): Promise<boolean> {
  const admin = kafka.admin({ retry: { retries: 1 } });
  try {
    await admin.connect();
    await admin.fetchTopicMetadata({ topics: [topic] });
    return true;
  } catch (error) {
    if (kafkaErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return false;
    throw error;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

function noteHighest({ sinks }: PurgeRecord, highest: Map<string, bigint>): void {
  for (const [sink, { dest, committed }] of Object.entries(sinks)) {
    for (const [topic, offsets] of Object.entries(committed)) {
      for (const [partition, text] of offsets.entries()) {
        if (text === null) continue;
        const key = seenKey({ group: groupOf(sink, topic), topic, partition }, dest);
        const offset = BigInt(text);
        if (offset > (highest.get(key) ?? -1n)) highest.set(key, offset);
      }
    }
  }
}
