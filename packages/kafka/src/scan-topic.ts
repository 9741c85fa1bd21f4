import { PermanentError, RetryableError } from '@scoreline/service';
import type { Kafka, RawRecordBatch } from 'kafkajs';

import { readTopic, SilenceError } from './read-topic.ts';
import { RecordCursor, verifyBatch } from './walk.ts';

export interface ScanOptions {
  readonly signal: AbortSignal;
  /** Begins the name of the group, for ACLs. */
  readonly group: string;
  /** By partition: the first offset that is wanted; the log's start otherwise. */
  readonly from?: readonly number[] | undefined;
  /** By partition: the offset after the last one that is wanted; the log's end, as it is when the first records come, otherwise. */
  readonly to?: readonly number[] | undefined;
  /** How long the brokers may send nothing before the scan fails. */
  readonly silenceMs?: number;
  readonly progress?: ((progress: ScanProgress) => void) | undefined;
}

/** In offsets, of which some are markers and aborted records. */
export interface ScanProgress {
  readonly done: number;
  readonly all: number;
}

/** What of a partition was there to be read: less than was asked for, where the log begins later or ends earlier. */
export interface ScannedPartition {
  readonly from: number;
  readonly to: number;
  /** Offset after the last record that was shown; `from` when there was none. */
  readonly end: number;
}

/** One object is used for all records. */
export type RecordVisitor = (record: RecordCursor, partition: number, offset: number) => void;

/**
 * Shows every committed record between two offsets of each partition once, in the order of offsets
 * within the partition, and answers what was there. Every record batch's CRC32C is checked.
 *
 * The end of what is wanted may be a marker or an aborted record, which nobody is shown: it is over
 * when a fetch has come as far.
 *
 * @throws RetryableError `topic-unread` when the brokers fall silent, PermanentError `batch-corrupt`.
 */
export async function scanTopic(
  kafka: Kafka,
  topic: string,
  options: ScanOptions,
  visit: RecordVisitor,
): Promise<readonly ScannedPartition[]> {
  const parts = (await logOf(kafka, topic)).map(({ low, high }, partition) => {
    const { from, to } = options;
    return new Part({ topic, partition }, Math.max(low, from?.[partition] ?? low), {
      to: to === undefined ? Infinity : (to[partition] ?? 0),
      end: high,
    });
  });
  const isOver = (): boolean => parts.every((part) => part.isDone);
  const progress = (): void =>
    options.progress?.({
      done: parts.reduce((sum, part) => sum + part.done, 0),
      all: parts.reduce((sum, part) => sum + part.all, 0),
    });
  if (!isOver()) {
    const { signal, group, silenceMs = 30_000 } = options;
    const positions = (): Map<number, number> =>
      new Map(parts.filter((part) => !part.isDone).map((part) => [part.partition, part.next]));
    try {
      await readTopic(
        kafka,
        topic,
        { signal, group, silenceMs, positions, rawRecordBatches: true },
        (batch, pause) => {
          const part = parts[batch.partition]!;
          part.read(batch as unknown as RawBatch, visit);
          if (part.isDone) pause();
          progress();
          return isOver();
        },
      );
    } catch (error) {
      throw error instanceof SilenceError ? unread(topic, parts, error) : error;
    }
  }
  return parts.map(({ from, to, end }) => ({ from, to, end }));
}

/** What a consumer with `rawRecordBatches` is given. */
interface RawBatch {
  readonly partition: number;
  /** The offset that was asked for. */
  readonly fetchedOffset: string;
  readonly highWatermark: string;
  readonly messages: readonly RawRecordBatch[];
  /** Of everything that came, markers and aborted records included. */
  lastOffset(): string;
}

/** One partition being scanned. */
class Part {
  readonly partition: number;
  readonly from: number;
  readonly #topic: string;
  readonly #cursor = new RecordCursor();
  readonly #wanted: number;
  /** Of the log: up to which every transaction is over, and, when the first records have come, of all of it. */
  #logEnd: number;
  #isBegun = false;
  /** Offsets below are dealt with. */
  next: number;
  end: number;

  constructor(
    { topic, partition }: { readonly topic: string; readonly partition: number },
    from: number,
    { to, end }: { readonly to: number; readonly end: number },
  ) {
    this.#topic = topic;
    this.partition = partition;
    this.from = from;
    this.#wanted = to;
    this.#logEnd = end;
    this.next = from;
    this.end = from;
  }

  get to(): number {
    return Math.max(this.from, Math.min(this.#wanted, this.#logEnd));
  }

  get isDone(): boolean {
    return this.next >= this.to;
  }

  get done(): number {
    return Math.min(this.next, this.to) - this.from;
  }

  get all(): number {
    return this.to - this.from;
  }

  read(batch: RawBatch, visit: RecordVisitor): void {
    // With transactions that are open: what comes of them is waited for.
    if (!this.#isBegun) this.#logEnd = Number(batch.highWatermark);
    this.#isBegun = true;
    if (Number(batch.fetchedOffset) > this.next) {
      throw new RetryableError(
        `${this.#topic}[${this.partition}] was fetched from ${batch.fetchedOffset}, not from ${this.next}`,
        { code: 'topic-unread' },
      );
    }
    for (const raw of batch.messages) this.#walk(raw, visit);
    this.next = Math.max(this.next, Number(batch.lastOffset()) + 1);
  }

  #walk(raw: RawRecordBatch, visit: RecordVisitor): void {
    if (Number(raw.offset) < this.next) return;
    const { partition } = this;
    const cursor = this.#cursor;
    verifyBatch(raw, { topic: this.#topic, partition });
    cursor.open(raw);
    const first = Number(raw.firstOffset);
    while (this.#step(raw)) {
      const offset = first + cursor.offsetDelta;
      if (offset < this.next || offset >= this.to) continue;
      visit(cursor, partition, offset);
      this.end = offset + 1;
    }
  }

  #step(raw: RawRecordBatch): boolean {
    try {
      return this.#cursor.next();
    } catch (cause) {
      throw new PermanentError(
        `the record batch at ${this.#topic}[${this.partition}] offsets ${raw.firstOffset} to ${raw.offset} is malformed: ${(cause as Error).message}`,
        {
          code: 'batch-corrupt',
          remedy: 'Find out who wrote it: only capture may produce into this topic.',
          cause,
        },
      );
    }
  }
}

interface Log {
  readonly low: number;
  /** Up to which every transaction is over. */
  readonly high: number;
}

async function logOf(kafka: Kafka, topic: string): Promise<Log[]> {
  const admin = kafka.admin({ retry: { retries: 3 } });
  try {
    await admin.connect();
    const log: Log[] = [];
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      log[partition] = { low: Number(low), high: Number(high) };
    }
    return log;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

function unread(topic: string, parts: readonly Part[], cause: Error): RetryableError {
  const left = parts
    .filter((part) => !part.isDone)
    .map(({ partition, next, to }) => `[${partition}] ${next} of ${to}`);
  return new RetryableError(
    `${topic} cannot be read to its end: ${cause.message} at ${left.join(', ')}`,
    {
      code: 'topic-unread',
      remedy:
        'Check that the brokers run, that this user may read the topic, and that no transaction is left open in it (kafka-transactions.sh list).',
      cause,
    },
  );
}
