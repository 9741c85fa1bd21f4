import {
  ensureTopic,
  FencingWriter,
  kafkaErrorType,
  PartitionReader,
  type TopicConfig,
} from '@scoreline/kafka';
import { RetryableError, ScorelineError } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { groupOf, seenKey } from '../proof/evidence.ts';
import { decodePurgeRecord, encodePurgeRecord, type PurgeRecord } from './purge-record.ts';
import { purgesSpec, purgesTopic } from './purge-topic.ts';

export interface PurgeLogOptions {
  readonly table: string;
  readonly prefix?: string;
  readonly manage: Pick<TopicConfig, 'manage_topics' | 'topic_replication'>;
  /** How long the brokers may be silent. */
  readonly timeoutMs?: number;
}

/** What the log says of those who wrote before. */
export interface PurgeLogTail {
  /** The last intent, when nobody noted its end. */
  readonly unfinished: PurgeRecord | null;
  /** The highest offsets that the last records saw committed, by `seenKey`. */
  readonly highest: ReadonlyMap<string, bigint>;
}

/** So many offsets at the end are read: a thousand records, each with its transaction's marker. */
const TAIL_OFFSETS = 2_000n;

/**
 * The purge log while it is ours: an intent before each DELETE, and its end after. Whoever opens it fences those who
 * had it before, so that nothing of theirs comes behind what was read of it.
 *
 * An append that fails may have been written all the same. The log is closed then; whoever opens it again is told
 * of the intent.
 */
export class PurgeLog {
  readonly #kafka: Kafka;
  readonly #options: PurgeLogOptions;
  readonly #topic: string;
  readonly #writer: FencingWriter;
  #unfinished: string | null = null;
  #isOpen = false;

  constructor(kafka: Kafka, options: PurgeLogOptions) {
    const { table, prefix = '', timeoutMs = 30_000 } = options;
    this.#kafka = kafka;
    this.#options = options;
    this.#topic = purgesTopic(table, prefix);
    const transactionalId = `${prefix}scoreline-purge-${table}`;
    this.#writer = new FencingWriter(kafka, { topic: this.#topic, transactionalId, timeoutMs });
  }

  /**
   * @throws ConfigError when the topic is not as it must be, PermanentError `purge-log-unknown`, RetryableError
   * `purge-log-unread` or `kafka-send`.
   */
  async open(signal: AbortSignal): Promise<PurgeLogTail> {
    try {
      await this.#ensureTopic();
      signal.throwIfAborted();
      await this.#writer.open(signal);
      const tail = await this.#readTail(signal);
      this.#unfinished = tail.unfinished?.chunk ?? null;
      this.#isOpen = true;
      return tail;
    } catch (error) {
      await this.close();
      signal.throwIfAborted();
      throw error instanceof ScorelineError ? error : unread(this.#topic, error);
    }
  }

  /**
   * Resolves when every replica that must have the record has it.
   *
   * @throws RetryableError `purge-log-append`: it is not known whether it was written, and nothing may be deleted for it.
   */
  async append(record: PurgeRecord): Promise<void> {
    this.#mustFollow(record);
    const value = encodePurgeRecord(record);
    try {
      if (!this.#isOpen) throw new Error('it is not open');
      await this.#writer.write([{ value }], FOREVER);
    } catch (cause) {
      this.#isOpen = false;
      throw new RetryableError(
        `${this.#topic}: the ${record.kind} of chunk ${record.chunk} could not be noted: ${(cause as Error).message}`,
        {
          code: 'purge-log-append',
          remedy: 'Nothing is deleted until it can be written. Look at the brokers.',
          cause,
        },
      );
    }
    this.#unfinished = record.kind === 'intent' ? record.chunk : null;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#writer.close();
  }

  /** An intent is ended before the next one begins: of one alone it is asked what became of it. */
  #mustFollow({ kind, chunk }: PurgeRecord): void {
    const expected = kind === 'intent' ? null : chunk;
    if (this.#unfinished === expected) return;
    throw new RangeError(`${kind} of ${chunk}, while ${this.#unfinished ?? 'none'} is unfinished`);
  }

  async #ensureTopic(): Promise<void> {
    const admin = this.#kafka.admin({ retry: { retries: 3 } });
    try {
      await admin.connect();
      await ensureTopic(admin, purgesSpec(this.#topic), this.#options.manage);
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }

  async #readTail(signal: AbortSignal): Promise<PurgeLogTail> {
    const { timeoutMs = 30_000 } = this.#options;
    const reader = new PartitionReader(
      this.#kafka,
      { topic: this.#topic, partition: 0 },
      timeoutMs,
    );
    let unfinished: PurgeRecord | null = null;
    const highest = new Map<string, bigint>();
    try {
      const { start, end } = await reader.bounds(signal);
      const from = end - TAIL_OFFSETS > start ? end - TAIL_OFFSETS : start;
      if (from < end) {
        await reader.read(from, signal, (messages, next) => {
          for (const { value, offset } of messages) {
            const record = decodePurgeRecord(value, `${this.#topic}[0] offset ${offset}`);
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
}

/** Whoever stops while a record is on its way waits for the answer: what it says decides what the next one does. */
const FOREVER = new AbortController().signal;

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

function unread(topic: string, cause: unknown): RetryableError {
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
