import { unlessAborted } from '@scoreline/service';
import type { Admin, Kafka, KafkaMessage } from 'kafkajs';

import { SilenceError } from './read-topic.ts';

/** Of one partition, as its leader describes it. */
export interface LogBounds {
  /** Offset of the first record. */
  readonly start: bigint;
  /** The offset below which every transaction is over: a reader of committed records comes so far. */
  readonly end: bigint;
}

/** True when enough was read. `next`: offsets below are dealt with. */
export type AnswerVisitor = (messages: readonly KafkaMessage[], next: bigint) => boolean;

/** Of one answer; a broker sends a larger record batch all the same. */
const FETCH_BYTES = 4 * 1024 * 1024;
const WAIT_MS = 50;

/**
 * Reads committed records of one partition, as often as is wanted and from wherever, over a connection
 * that it keeps: for whoever follows a topic at its end. Without a group, whose first join brokers hold up for
 * seconds. After any failure the next call makes another connection.
 */
export class PartitionReader {
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #partition: number;
  readonly #silenceMs: number;
  #connection: Promise<Admin> | null = null;

  /** @param silenceMs how long the brokers may send nothing, though there is more, before a read fails. */
  constructor(
    kafka: Kafka,
    { topic, partition }: { readonly topic: string; readonly partition: number },
    silenceMs: number,
  ) {
    this.#kafka = kafka;
    this.#topic = topic;
    this.#partition = partition;
    this.#silenceMs = silenceMs;
  }

  async bounds(signal: AbortSignal): Promise<LogBounds> {
    return this.#call(signal, async (admin) => {
      // The end is asked for before the start, so that a log cut in between is seen to be.
      const offsets = await admin.fetchTopicOffsets(this.#topic);
      const found = offsets.find(({ partition }) => partition === this.#partition);
      if (found === undefined) throw new Error(`${this.#topic} has no ${this.#partition}`);
      return { start: BigInt(found.low), end: BigInt(found.high) };
    });
  }

  /**
   * Shows what is committed from `from` on, until `visit` says that it is enough.
   *
   * @throws what `visit` throws, what the brokers say, SilenceError, or the signal's reason: after that
   * `visit` is not called any more.
   */
  async read(from: bigint, signal: AbortSignal, visit: AnswerVisitor): Promise<void> {
    await this.#call(signal, async (admin, over) => {
      let offset = String(from);
      let heardAt = performance.now();
      for (;;) {
        const { messages, nextOffset } = await admin.fetchPartition({
          topic: this.#topic,
          partition: this.#partition,
          offset,
          maxBytes: FETCH_BYTES,
          maxWaitTimeInMs: WAIT_MS,
        });
        if (over.aborted) return;
        if (nextOffset !== offset) heardAt = performance.now();
        else if (performance.now() - heardAt > this.#silenceMs) {
          throw new SilenceError(this.#silenceMs);
        }
        if (nextOffset !== offset && visit(messages, BigInt(nextOffset))) return;
        offset = nextOffset;
      }
    });
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    const admin = await connection?.catch(() => null);
    await admin?.disconnect().catch(() => {});
  }

  async #call<T>(
    signal: AbortSignal,
    work: (admin: Admin, over: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    const over = new AbortController();
    const connection = (this.#connection ??= this.#connect());
    try {
      return await unlessAborted(
        connection.then((admin) => work(admin, over.signal)),
        signal,
      );
    } catch (error) {
      // Whoever stops does not wait for a broker that says nothing.
      const closing = this.close();
      if (!signal.aborted) await closing;
      throw error;
    } finally {
      over.abort();
    }
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin({ retry: { retries: 2 } });
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      await admin.disconnect().catch(() => {});
      throw error;
    }
  }
}
