import { setTimeout as delay } from 'node:timers/promises';

import { RetryableError, unlessAborted } from '@scoreline/service';
import type { Admin, FetchedPartition, Kafka, RawRecordBatch } from 'kafkajs';

import { isPassing } from './passing-errors.ts';
import { SilenceError } from './silence-error.ts';
import { walkBatch } from './walk-batch.ts';
import { type BatchOrigin, RecordCursor } from './walk.ts';

export interface ScanOptions {
  readonly signal: AbortSignal;
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

/** Of one partition's answer; a broker sends a larger record batch all the same. */
const FETCH_BYTES = 4 * 1024 * 1024;
const WAIT_MS = 50;
const AGAIN_MS = 200;

/**
 * Shows every committed record between two offsets of each partition once, in the order of offsets
 * within the partition, and answers what was there. Every record batch's CRC32C is checked. Without a
 * group: nothing is left behind, and no coordinator is asked.
 *
 * The end of what is wanted may be a marker or an aborted record, which nobody is shown: it is over
 * when a fetch has come as far. Brokers that go away for less than `silenceMs` are waited for.
 *
 * @throws RetryableError `topic-unread` when the brokers fall silent, PermanentError `batch-corrupt`.
 */
export async function scanTopic(
  kafka: Kafka,
  topic: string,
  { signal, from, to, silenceMs = 30_000, progress }: ScanOptions,
  visit: RecordVisitor,
): Promise<readonly ScannedPartition[]> {
  const log = await unlessAborted(logOf(kafka, topic), signal);
  const parts = log.map(({ low, high }, partition) => {
    const wanted = { to: to === undefined ? Infinity : (to[partition] ?? 0), end: high };
    return new Part({ topic, partition }, Math.max(low, from?.[partition] ?? low), wanted);
  });
  const sum = (of: (part: Part) => number): number =>
    parts.reduce((all, part) => all + of(part), 0);
  let heardAt = performance.now();
  const scan: PartScan = {
    visit,
    came() {
      heardAt = performance.now();
      progress?.({ done: sum((part) => part.done), all: sum((part) => part.all) });
    },
    check(cause) {
      if (performance.now() - heardAt < silenceMs) return;
      throw unread(topic, parts, new SilenceError(silenceMs, cause));
    },
  };
  while (parts.some((part) => !part.isDone)) {
    try {
      await readOn(kafka, parts, scan, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RetryableError || !isPassing(error)) throw error;
      scan.check(error);
      await delay(AGAIN_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
  return parts.map(({ from, to, end }) => ({ from, to, end }));
}

interface PartScan {
  readonly visit: RecordVisitor;
  /** Something came. */
  readonly came: () => void;
  /** @throws RetryableError when nothing has come for too long. */
  readonly check: (cause?: unknown) => void;
}

/** Reads all partitions to their ends over one connection, which does not outlive a failure. */
async function readOn(
  kafka: Kafka,
  parts: readonly Part[],
  scan: PartScan,
  signal: AbortSignal,
): Promise<void> {
  const admin = kafka.admin({ retry: { retries: 2 } });
  const over = new AbortController();
  const reading = inTurns(admin, parts, scan, over.signal);
  try {
    await unlessAborted(reading, signal);
  } finally {
    over.abort();
    const closing = reading
      .catch(() => {})
      .then(() => admin.disconnect())
      .catch(() => {});
    // Whoever stops does not wait for a broker that says nothing.
    if (!signal.aborted) await closing;
  }
}

/** One fetch after the other: kafkajs leaves connections behind where the first two of an admin are at once. */
async function inTurns(
  admin: Admin,
  parts: readonly Part[],
  scan: PartScan,
  over: AbortSignal,
): Promise<void> {
  await admin.connect();
  let waitMs = 0;
  while (parts.some((part) => !part.isDone)) {
    let hasCome = false;
    for (const part of parts) {
      if (part.isDone) continue;
      const fetched = await part.fetch(admin, waitMs);
      if (over.aborted) return;
      if (!part.take(fetched, scan.visit)) continue;
      hasCome = true;
      scan.came();
    }
    if (!hasCome) scan.check();
    // What is there is not held up by a partition where nothing is.
    waitMs = hasCome ? 0 : WAIT_MS;
  }
}

/** One partition being scanned. */
class Part {
  readonly from: number;
  readonly #at: BatchOrigin;
  readonly #cursor = new RecordCursor();
  readonly #wanted: number;
  /** Of the log: up to which every transaction is over, and, when the first records have come, of all of it. */
  #logEnd: number;
  #isBegun = false;
  /** Offsets below are dealt with. */
  #next: number;
  end: number;

  constructor(
    at: BatchOrigin,
    from: number,
    { to, end }: { readonly to: number; readonly end: number },
  ) {
    this.#at = at;
    this.from = from;
    this.#wanted = to;
    this.#logEnd = end;
    this.#next = from;
    this.end = from;
  }

  get to(): number {
    return Math.max(this.from, Math.min(this.#wanted, this.#logEnd));
  }

  get isDone(): boolean {
    return this.#next >= this.to;
  }

  get done(): number {
    return Math.min(this.#next, this.to) - this.from;
  }

  get all(): number {
    return this.to - this.from;
  }

  /** `[partition] offset of end`, for errors. */
  get place(): string {
    return `[${this.#at.partition}] ${this.#next} of ${this.to}`;
  }

  async fetch(admin: Admin, waitMs: number): Promise<FetchedPartition<RawRecordBatch>> {
    return admin.fetchPartition({
      ...this.#at,
      offset: String(this.#next),
      maxBytes: FETCH_BYTES,
      maxWaitTimeInMs: waitMs,
      rawRecordBatches: true,
    });
  }

  /** Whether anything came. */
  take(
    { messages, nextOffset, highWatermark }: FetchedPartition<RawRecordBatch>,
    visit: RecordVisitor,
  ): boolean {
    // With transactions that are open: what comes of them is waited for.
    if (!this.#isBegun) this.#logEnd = Number(highWatermark);
    this.#isBegun = true;
    const next = Number(nextOffset);
    if (next === this.#next) return false;
    for (const raw of messages) this.#walk(raw, visit);
    this.#next = next;
    return true;
  }

  #walk(raw: RawRecordBatch, visit: RecordVisitor): void {
    const { partition } = this.#at;
    walkBatch(raw, this.#at, this.#cursor, (offset) => {
      if (offset < this.#next || offset >= this.to) return;
      visit(this.#cursor, partition, offset);
      this.end = offset + 1;
    });
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
  const left = parts.filter((part) => !part.isDone).map(({ place }) => place);
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
