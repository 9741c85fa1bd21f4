import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

import { isFenced, kafkaErrorType, PartitionReader } from '@scoreline/kafka';
import { PermanentError, RetryableError, ScorelineError, unlessAborted } from '@scoreline/service';
import type { Kafka, Producer } from 'kafkajs';

import { fenceMessage, isCaptures } from './codec.ts';
import type { LedgerMessage } from './message.ts';
import { unread } from './reader.ts';
import { decodeLedger, type LedgerState } from './state.ts';
import { WholeTransactions } from './whole-transactions.ts';

export interface WriteLedgerOptions {
  readonly topic: string;
  /** Whoever writes records of the same keys does so under the same one. */
  readonly transactionalId: string;
  readonly signal: AbortSignal;
  /** How long a coordinator may be away, and how long the brokers may send nothing, before this fails. */
  readonly timeoutMs?: number;
}

/** What is to be written, null for nothing, from what the ledger holds. */
export type LedgerDecision = (state: LedgerState) => Promise<readonly LedgerMessage[] | null>;

/** Whoever reads the ledger waits for the end of a transaction that was left open in it: capture, too. */
const TRANSACTION_TIMEOUT_MS = 10_000;
const AGAIN_MS = 200;

/**
 * Writes records that are not capture's, one writer at a time: it fences whoever else writes under this id, reads
 * the ledger up to its own fence, and writes what `decide` answers in one transaction. So nothing that another has
 * written meanwhile is overwritten unseen. After a failure the ledger says whether it was written: ask again.
 *
 * @throws what `decide` throws; RetryableError `producer-fenced`, `kafka-send` or `ledger-unread`, PermanentError
 * `kafka-refuses`.
 */
export async function writeLedger(
  kafka: Kafka,
  options: WriteLedgerOptions,
  decide: LedgerDecision,
): Promise<void> {
  const { topic, signal } = options;
  const { producer, fencedAt } = await fence(kafka, options);
  try {
    const messages = await decide(await readUpTo(kafka, fencedAt, options));
    if (messages === null || messages.length === 0) return;
    for (const { key } of messages) {
      if (isCaptures(key.toString())) throw new RangeError(`${key.toString()} is capture's`);
    }
    await attempt(producer, { what: `writing to ${topic}`, signal }, () =>
      send(producer, topic, messages),
    );
  } finally {
    await disconnect(producer, signal);
  }
}

interface Fenced {
  readonly producer: Producer;
  /** Offset of the fence. */
  readonly fencedAt: bigint;
}

/** A coordinator may have to be elected, or be ending what another producer has left open: then again. */
async function fence(kafka: Kafka, options: WriteLedgerOptions): Promise<Fenced> {
  const { topic, transactionalId, signal, timeoutMs = 30_000 } = options;
  // One key for each writer, so that compaction leaves one record of them.
  const message = fenceMessage(transactionalId, { atMs: Date.now(), host: hostname() });
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    signal.throwIfAborted();
    const producer = kafka.producer({
      transactionalId,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      retry: { retries: 0 },
      allowAutoTopicCreation: false,
    });
    try {
      const fencedAt = await attempt(
        producer,
        { what: `writing a fence to ${topic}`, signal },
        async () => {
          await producer.connect();
          return send(producer, topic, [message]);
        },
      );
      return { producer, fencedAt };
    } catch (error) {
      await disconnect(producer, signal);
      const mayPass = error instanceof RetryableError && performance.now() < giveUpAt;
      if (!mayPass) throw error;
    }
    await delay(AGAIN_MS, undefined, { signal });
  }
}

async function readUpTo(
  kafka: Kafka,
  fencedAt: bigint,
  { topic, signal, timeoutMs = 30_000 }: WriteLedgerOptions,
): Promise<LedgerState> {
  const reader = new PartitionReader(kafka, { topic, partition: 0 }, timeoutMs);
  const read = new WholeTransactions();
  try {
    const { start } = await reader.bounds(signal);
    await reader.read(start, signal, (messages, next) => {
      for (const { key, value, offset } of messages) {
        read.add({ key, value, where: `${topic}[0] offset ${offset}` });
      }
      return next > fencedAt;
    });
    return { ...decodeLedger(read.newest.values()), records: read.records };
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof PermanentError ? cause : unread(topic, cause);
  } finally {
    await reader.close();
  }
}

/** In a transaction of its own. Answers the offset of the first record. */
async function send(
  producer: Producer,
  topic: string,
  messages: readonly LedgerMessage[],
): Promise<bigint> {
  const transaction = await producer.transaction();
  const sent = messages.map(({ key, value }) => ({ partition: 0, key, value }));
  const [answer] = await transaction.send({ topic, acks: -1, messages: sent });
  // A send can resolve without having written anything: then nobody answers for it.
  if (answer?.errorCode !== 0 || answer.baseOffset === undefined) {
    throw new RetryableError(`${topic} did not acknowledge what was sent`, { code: 'kafka-send' });
  }
  await transaction.commit();
  return BigInt(answer.baseOffset);
}

const REFUSED = /_AUTHORIZATION_FAILED$|^INVALID_TRANSACTION_TIMEOUT$|^MESSAGE_TOO_LARGE$/;

async function attempt<T>(
  producer: Producer,
  { what, signal }: { readonly what: string; readonly signal: AbortSignal },
  call: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const calling = call();
  try {
    return await unlessAborted(calling, signal);
  } catch (cause) {
    // What is still at work would make its connections again.
    if (signal.aborted) void calling.catch(() => {}).then(() => producer.disconnect());
    signal.throwIfAborted();
    if (cause instanceof ScorelineError) throw cause;
    const type = kafkaErrorType(cause);
    const message = `${what} failed: ${type ?? ''} ${(cause as Error).message}`;
    if (isFenced(cause)) {
      throw new RetryableError(message, {
        code: 'producer-fenced',
        remedy: 'Somebody else writes the same at the same time. Look at what they did first.',
        cause,
      });
    }
    throw REFUSED.test(type ?? '')
      ? new PermanentError(message, {
          code: 'kafka-refuses',
          remedy:
            'Grant Write and Describe on the ledger and on the transactional id (docs/3-prerequisites.md).',
          cause,
        })
      : new RetryableError(message, { code: 'kafka-send', cause });
  }
}

/** Whoever stops does not wait for a broker that says nothing. */
async function disconnect(producer: Producer, signal: AbortSignal): Promise<void> {
  const closing = producer.disconnect().catch(() => {});
  if (!signal.aborted) await closing;
}
