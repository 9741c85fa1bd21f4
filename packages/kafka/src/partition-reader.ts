import { unlessAborted } from '@scoreline/service';
import type { Admin, Kafka } from 'kafkajs';

import { type CommittedRecord, committedRecords } from './committed-record.ts';
import { SilenceError } from './silence-error.ts';
import type { BatchOrigin } from './walk.ts';

/** Of one partition, as its leader describes it. */
export interface LogBounds {
  /** Offset of the first record. */
  readonly start: bigint;
  /** The offset below which every transaction is over: a reader of committed records comes so far. */
  readonly end: bigint;
}

/** True when enough was read. `next`: offsets below are dealt with. */
export type AnswerVisitor = (records: readonly CommittedRecord[], next: bigint) => boolean;

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
  readonly #at: BatchOrigin;
  readonly #silenceMs: number;
  #connection: Promise<Admin> | null = null;

  /** @param silenceMs how long the brokers may send nothing, though there is more, before a read fails. */
  constructor(kafka: Kafka, at: BatchOrigin, silenceMs: number) {
    this.#kafka = kafka;
    this.#at = at;
    this.#silenceMs = silenceMs;
  }

  async bounds(signal: AbortSignal): Promise<LogBounds> {
    const { topic, partition } = this.#at;
    return this.#call(signal, async (admin) => {
      // The end is asked for before the start, so that a log cut in between is seen to be.
      const offsets = await admin.fetchTopicOffsets(topic);
      const found = offsets.find((one) => one.partition === partition);
      if (found === undefined) throw new Error(`${topic} has no ${partition}`);
      return { start: BigInt(found.low), end: BigInt(found.high) };
    });
  }

  /**
   * Shows what is committed from `from` on, until `visit` says that it is enough.
   *
   * @throws what `visit` throws, what the brokers say, SilenceError, PermanentError `batch-corrupt`, or the
   * signal's reason: after that `visit` is not called any more.
   */
  async read(from: bigint, signal: AbortSignal, visit: AnswerVisitor): Promise<void> {
    await this.#call(signal, async (admin, over) => {
      let offset = from;
      let heardAt = performance.now();
      for (;;) {
        const { messages, nextOffset } = await admin.fetchPartition({
          ...this.#at,
          offset: String(offset),
          maxBytes: FETCH_BYTES,
          maxWaitTimeInMs: WAIT_MS,
          rawRecordBatches: true,
        });
        if (over.aborted) return;
        const next = BigInt(nextOffset);
        if (next === offset) {
          if (performance.now() - heardAt > this.#silenceMs) {
            throw new SilenceError(this.#silenceMs);
          }
          continue;
        }
        heardAt = performance.now();
        if (visit(committedRecords(messages, this.#at, offset), next)) return;
        offset = next;
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
