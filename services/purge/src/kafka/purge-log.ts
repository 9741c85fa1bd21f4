import { ensureTopic, FencingWriter, type TopicConfig } from '@scoreline/kafka';
import { RetryableError, ScorelineError } from '@scoreline/service';
import type { Kafka } from 'kafkajs';

import { type PurgeLogTail, purgeLogUnread, readPurgeLogTail } from './purge-log-tail.ts';
import { encodePurgeRecord, type PurgeRecord } from './purge-record.ts';
import { purgesSpec, purgesTopic } from './purge-topic.ts';

export interface PurgeLogOptions {
  readonly table: string;
  readonly prefix?: string;
  readonly manage: Pick<TopicConfig, 'manage_topics' | 'topic_replication'>;
  /** How long the brokers may be silent. */
  readonly timeoutMs?: number;
}

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
    const { timeoutMs } = this.#options;
    try {
      await this.#ensureTopic();
      signal.throwIfAborted();
      await this.#writer.open(signal);
      const tail = await readPurgeLogTail(this.#kafka, this.#topic, { timeoutMs, signal });
      this.#unfinished = tail.unfinished?.chunk ?? null;
      this.#isOpen = true;
      return tail;
    } catch (error) {
      await this.close();
      signal.throwIfAborted();
      throw error instanceof ScorelineError ? error : purgeLogUnread(this.#topic, error);
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
}

/** Whoever stops while a record is on its way waits for the answer: what it says decides what the next one does. */
const FOREVER = new AbortController().signal;
