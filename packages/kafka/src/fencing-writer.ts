import { setTimeout as delay } from 'node:timers/promises';

import { PermanentError, RetryableError, ScorelineError, unlessAborted } from '@scoreline/service';
import type { Kafka, Message, Producer, Transaction } from 'kafkajs';

import { isFenced, kafkaErrorType } from './errors.ts';

export interface FencingWriterOptions {
  /** With one partition. */
  readonly topic: string;
  /** One writer at a time has it: whoever opens one fences every other. */
  readonly transactionalId: string;
  /** How long its coordinator may be away, or busy with what another writer has left open. */
  readonly timeoutMs?: number;
}

/** Whoever reads the topic waits for the end of a transaction that was left open in it. */
const TRANSACTION_TIMEOUT_MS = 10_000;
const AGAIN_MS = 200;

/**
 * Writes to a topic of one partition, each time in a transaction of its own. Nobody writes under the same id from
 * `open` on, not even what was under way: what older writers have left is decided, and can be read.
 *
 * Nothing is sent a second time. After any error of a write it is not known whether that was written, and this one
 * is of no use any more.
 */
export class FencingWriter {
  readonly #kafka: Kafka;
  readonly #options: FencingWriterOptions;
  #producer: Producer | null = null;
  #next: Transaction | null = null;

  constructor(kafka: Kafka, options: FencingWriterOptions) {
    this.#kafka = kafka;
    this.#options = options;
  }

  /** @throws RetryableError `kafka-send`, PermanentError `kafka-refuses`. */
  async open(signal: AbortSignal): Promise<void> {
    const { topic, transactionalId, timeoutMs = 30_000 } = this.#options;
    const giveUpAt = performance.now() + timeoutMs;
    for (;;) {
      const producer = this.#kafka.producer({
        transactionalId,
        transactionTimeout: TRANSACTION_TIMEOUT_MS,
        retry: { retries: 0 },
        allowAutoTopicCreation: false,
      });
      this.#producer = producer;
      try {
        await this.#attempt(`preparing to write to ${topic}`, signal, async () => {
          await producer.connect();
          // Not connecting, but the first transaction takes the id over.
          this.#next = await producer.transaction();
        });
        return;
      } catch (error) {
        const mayPass = error instanceof RetryableError && performance.now() < giveUpAt;
        if (!mayPass) throw error;
      }
      await delay(AGAIN_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  /**
   * Resolves with the offset of the first message when all are committed.
   *
   * @throws RetryableError `producer-fenced` or `kafka-send`, PermanentError `kafka-refuses`.
   */
  async write(messages: readonly Message[], signal: AbortSignal): Promise<bigint> {
    const { topic } = this.#options;
    return this.#attempt(`writing to ${topic}`, signal, async () => {
      const producer = this.#producer;
      if (producer === null) throw new RetryableError('it is closed', { code: 'kafka-send' });
      const transaction = this.#next ?? (await producer.transaction());
      this.#next = null;
      const sent = messages.map((message) => ({ ...message, partition: 0 }));
      const [answer] = await transaction.send({ topic, acks: -1, messages: sent });
      // A send can resolve without having written anything: then nobody answers for it.
      if (answer?.errorCode !== 0 || answer.baseOffset === undefined) {
        throw new RetryableError(`${topic} did not acknowledge what was sent`, {
          code: 'kafka-send',
        });
      }
      await transaction.commit();
      return BigInt(answer.baseOffset);
    });
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    this.#next = null;
    await producer?.disconnect().catch(() => {});
  }

  async #attempt<T>(what: string, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const producer = this.#producer;
    const calling = call();
    try {
      return await unlessAborted(calling, signal);
    } catch (cause) {
      const closing = this.close();
      if (!signal.aborted) await closing;
      // What is still at work would make its connections again, and nobody waits for it.
      else void calling.catch(() => {}).then(() => producer?.disconnect().catch(() => {}));
      signal.throwIfAborted();
      throw cause instanceof ScorelineError ? cause : explained(what, cause);
    }
  }
}

const REFUSED = /_AUTHORIZATION_FAILED$|^INVALID_TRANSACTION_TIMEOUT$|^MESSAGE_TOO_LARGE$/;

function explained(what: string, cause: unknown): ScorelineError {
  const type = kafkaErrorType(cause);
  const message = `${what} failed: ${type === undefined ? '' : `${type}: `}${(cause as Error).message}`;
  if (isFenced(cause)) {
    return new RetryableError(message, {
      code: 'producer-fenced',
      remedy: 'Somebody else writes the same now. Look at what they did first.',
      cause,
    });
  }
  if (!REFUSED.test(type ?? '')) return new RetryableError(message, { code: 'kafka-send', cause });
  return new PermanentError(message, {
    code: 'kafka-refuses',
    remedy:
      'Grant Write and Describe on the topic and on the transactional id (docs/3-prerequisites.md).',
    cause,
  });
}
