import { kafkaErrorType, readPartition } from '@scoreline/kafka';
import { type Logger, PermanentError, retry, RetryableError } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { decodeEntry, FENCE_KEY } from './codec.ts';
import { decodeLedger, type LedgerRecord, type LedgerState } from './state.ts';

export interface ReadOptions {
  readonly signal: AbortSignal;
  /** How long the broker may send nothing before the read fails. */
  readonly timeoutMs?: number;
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
  return { ...decodeLedger(newest.values()), records };
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

/** Hands over every committed record, in order, until `visit` returns true. */
async function readRecords(
  kafka: Kafka,
  topic: string,
  { signal, timeoutMs = 30_000 }: ReadOptions,
  visit: (record: LedgerRecord) => boolean,
): Promise<void> {
  try {
    await readPartition(
      kafka,
      { topic, partition: 0 },
      { signal, silenceMs: timeoutMs },
      (records) =>
        records.some(({ key, value, offset }) =>
          visit({ key, value, where: `${topic}[0] offset ${offset}` }),
        ),
    );
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof PermanentError ? cause : unread(topic, cause);
  }
}

/** What keeps a ledger from being read now, and may pass. */
export function unread(topic: string, cause: unknown): RetryableError {
  const missing = kafkaErrorType(cause) === 'UNKNOWN_TOPIC_OR_PARTITION';
  const what = missing ? 'it does not exist yet' : 'what it must hold did not come';
  return new RetryableError(`the ledger ${topic} cannot be read: ${what}`, {
    code: 'ledger-unread',
    remedy: 'Check that capture has been started once, and that this user may read the topic.',
    cause,
  });
}
