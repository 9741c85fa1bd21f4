import { randomUUID } from 'node:crypto';

import { kafkaErrorType } from '@scoreline/kafka';
import { type Logger, PermanentError, retry, RetryableError } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import type { Bucket } from './bucket.ts';
import { CapturedIds } from './captured-ids.ts';
import type { Checkpoint } from './checkpoint.ts';
import { decodeEntry, FENCE_KEY } from './codec.ts';

export interface ReadOptions {
  readonly signal: AbortSignal;
  /** Groups are named after it, for ACLs. */
  readonly prefix?: string;
  /** How long the broker may send nothing before the read fails. */
  readonly timeoutMs?: number;
}

export interface LedgerState {
  /** Null when nothing was ever captured under this ledger. */
  readonly checkpoint: Checkpoint | null;
  readonly captured: CapturedIds;
  /** Records seen, fences included. */
  readonly records: number;
}

/**
 * Reads the ledger topic from its beginning, committed records only, until the fence `uuid` has been
 * seen. The last offset of a transactional topic is always a marker, so "up to the end" would never end.
 *
 * @throws RetryableError `ledger-unread` when the fence does not come in time.
 */
export async function readLedger(
  kafka: Kafka,
  topic: string,
  uuid: string,
  options: ReadOptions,
): Promise<LedgerState> {
  // Of each key the last value counts, and only that is decoded: a start reads what is not compacted yet.
  const newest = new Map<string, LedgerRecord>();
  let records = 0;
  await readRecords(kafka, topic, options, (record) => {
    records++;
    const name = record.key?.toString() ?? '';
    if (!name.startsWith(FENCE_KEY)) newest.set(name, record);
    return name === FENCE_KEY + uuid;
  });
  let checkpoint: Checkpoint | null = null;
  const buckets: Bucket[] = [];
  for (const { key, value, where } of newest.values()) {
    const entry = decodeEntry(key, value, where);
    if (entry.kind === 'checkpoint') checkpoint = entry.checkpoint;
    else if (entry.kind === 'bucket') buckets.push(entry.bucket);
  }
  return { checkpoint, captured: new CapturedIds(buckets), records };
}

/**
 * The uuid under which rows are captured, which names every range a sink lands. Waits for the first
 * checkpoint, for a sink may be started before capture.
 */
export async function readLedgerUuid(
  kafka: Kafka,
  topic: string,
  { log, timeoutMs = 5_000, ...options }: ReadOptions & { readonly log: Logger },
): Promise<string> {
  return retry(
    async () => {
      let uuid: string | null = null;
      await readRecords(kafka, topic, { ...options, timeoutMs }, ({ key, value, where }) => {
        const entry = decodeEntry(key, value, where);
        if (entry.kind === 'checkpoint') uuid = entry.checkpoint.ledgerUuid;
        return uuid !== null;
      });
      return uuid ?? '';
    },
    {
      signal: options.signal,
      log,
      what: `waiting for capture to begin ${topic}`,
      minDelayMs: 500,
      maxDelayMs: 5_000,
      classify: (error) => !(error instanceof PermanentError),
    },
  );
}

interface LedgerRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Topic, partition and offset. */
  readonly where: string;
}

/** Hands over every committed record, in order, until `visit` returns true. */
async function readRecords(
  kafka: Kafka,
  topic: string,
  { signal, prefix = '', timeoutMs = 30_000 }: ReadOptions,
  visit: (record: LedgerRecord) => boolean,
): Promise<void> {
  signal.throwIfAborted();
  // kafkajs reads through groups only. This one commits nothing, and is deleted at the end.
  const groupId = `${prefix}scoreline-ledger-${randomUUID()}`;
  const consumer = kafka.consumer({
    groupId,
    readUncommitted: false,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 50,
    sessionTimeout: 10_000,
    retry: { retries: 2, restartOnFailure: async () => false },
  });
  const end = deferred();
  const stop = (): void => end.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const silence = setTimeout(() => end.reject(new Error(`nothing for ${timeoutMs} ms`)), timeoutMs);
  consumer.on('consumer.end_batch_process', () => silence.refresh());
  consumer.on('consumer.crash', ({ payload }) => end.reject(payload.error));
  let isOver = false;
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        try {
          for (const { key, value, offset } of batch.messages) {
            if (isOver) break;
            isOver = visit({ key, value, where: `${topic}[${batch.partition}] offset ${offset}` });
          }
          if (isOver) end.resolve();
        } catch (error) {
          isOver = true;
          end.reject(error);
        }
      },
    });
    await end.promise;
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof PermanentError ? cause : unread(topic, cause);
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', stop);
    await consumer.disconnect().catch(() => {});
    await forget(kafka, groupId);
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

function unread(topic: string, cause: unknown): RetryableError {
  const missing = kafkaErrorType(cause) === 'UNKNOWN_TOPIC_OR_PARTITION';
  const what = missing ? 'it does not exist yet' : 'what it must hold did not come';
  return new RetryableError(`the ledger ${topic} cannot be read: ${what}`, {
    code: 'ledger-unread',
    remedy: 'Check that capture has been started once, and that this user may read the topic.',
    cause,
  });
}

function deferred() {
  let resolve!: () => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(() => {}); // it may fail before it is waited for
  return { promise, resolve, reject };
}
