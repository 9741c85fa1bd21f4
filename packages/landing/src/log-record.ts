import { PermanentError } from '@scoreline/service';
import type { Admin, KafkaMessage } from 'kafkajs';

/** A record as it is in the log, and its neighbours. */
export interface LogRecord {
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestampMs: number;
  /** Offset of the committed record before it, from where the search began; null when there is none. */
  readonly before: bigint | null;
}

export interface RecordPlaces {
  readonly topic: string;
  readonly partition: number;
  /** Offset of a record, from which is counted: it has the index 0. */
  readonly first: bigint;
  /** Rising. */
  readonly indexes: readonly number[];
}

const FETCH_BYTES = 4 << 20;
const WAIT_MS = 100;
/** Answers without anything new, before the search is given up: what is looked for was there. */
const EMPTY_ANSWERS = 100;

/**
 * Finds committed records by counting, in the log itself: what landing keeps of a record is neither
 * its offset nor its key. Offsets of aborted records and markers do not count.
 */
export async function findRecords(
  admin: Pick<Admin, 'fetchPartition'>,
  { topic, partition, first, indexes }: RecordPlaces,
  signal: AbortSignal,
): Promise<readonly LogRecord[]> {
  const found: LogRecord[] = [];
  const last = indexes.at(-1);
  let index = 0;
  let before: bigint | null = null;
  let next = first.toString();
  for (let empty = 0; empty < EMPTY_ANSWERS;) {
    signal.throwIfAborted();
    const { messages, nextOffset } = await admin.fetchPartition({
      topic,
      partition,
      offset: next,
      maxBytes: FETCH_BYTES,
      maxWaitTimeInMs: WAIT_MS,
    });
    for (const message of messages) {
      const offset = BigInt(message.offset);
      if (offset < BigInt(next)) continue;
      if (indexes.includes(index)) found.push(logRecord(message, before));
      if (index === last) return found;
      index++;
      before = offset;
    }
    empty = nextOffset === next ? empty + 1 : 0;
    next = nextOffset;
  }
  throw new PermanentError(
    `${topic}[${partition}] offset ${first} is followed by ${index} records, and ${last} were there before`,
    {
      code: 'pending-range-changed',
      remedy: 'Records were deleted, or the topic was truncated. See docs/6-troubleshooting.md.',
    },
  );
}

function logRecord(
  { offset, key, value, timestamp }: KafkaMessage,
  before: bigint | null,
): LogRecord {
  return { offset: BigInt(offset), key, value, timestampMs: Number(timestamp), before };
}
