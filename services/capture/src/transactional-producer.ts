import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

import { isFenced, kafkaErrorType } from '@scoreline/kafka';
import { fenceMessage, type LedgerMessage } from '@scoreline/ledger';
import { PermanentError, RetryableError, ScorelineError } from '@scoreline/service';
import type { Kafka, Producer, RecordBatchMessage, RecordMetadata } from 'kafkajs';

import type { Written } from './topic-ends.ts';

export interface ProducerOptions {
  readonly transactionalId: string;
  readonly ledgerTopic: string;
  readonly transactionTimeoutMs: number;
}

/** One Kafka transaction. Any error leaves it to be fenced: it is neither committed nor aborted by us. */
export interface OpenTransaction {
  /** Record batches for different partitions. Answers where each of them was written. */
  send(topic: string, batches: readonly RecordBatchMessage[]): Promise<Written[]>;
  sendLedger(messages: readonly LedgerMessage[]): Promise<void>;
  commit(): Promise<void>;
}

/** Another producer has taken the transactional id, or the brokers have ended our transaction. */
export class FencedError extends RetryableError {}

/**
 * A producer for one session. The rules that keep rows from being lost or repeated: no retries, for a
 * retried send skips partitions or repeats them; one outstanding send; after any error the producer is
 * of no use any more. Whoever comes next fences the transaction that was left open, reads in the ledger
 * what had been committed, and goes on from there.
 */
export class TransactionalProducer {
  readonly #producer: Producer;
  readonly #options: ProducerOptions;
  #ledgerEnd = 0;

  constructor(kafka: Kafka, options: ProducerOptions) {
    this.#options = options;
    // Not `idempotent: true`: transactions are, and with it kafkajs refuses to do without retries.
    this.#producer = kafka.producer({
      transactionalId: options.transactionalId,
      transactionTimeout: options.transactionTimeoutMs,
      retry: { retries: 0 },
      allowAutoTopicCreation: false,
    });
  }

  /** Where the ledger ended after our last request; others may have written since. */
  get ledgerEnd(): number {
    return this.#ledgerEnd;
  }

  /**
   * Takes the transactional id over: the first transaction gets a new epoch, which fences every older
   * producer and aborts what it left open. Returns the uuid of the fence record: once that is read, the
   * ledger is read completely.
   */
  async fence(): Promise<string> {
    const uuid = randomUUID();
    await explained('connecting to Kafka', () => this.#producer.connect());
    const transaction = await this.begin();
    await transaction.sendLedger([fenceMessage(uuid, { atMs: Date.now(), host: hostname() })]);
    await transaction.commit();
    return uuid;
  }

  /** Takes the transactional id over as `fence` does, and leaves no word of it. */
  async takeOver(): Promise<void> {
    await explained('connecting to Kafka', () => this.#producer.connect());
    const nothing = await this.begin();
    await nothing.commit();
  }

  async begin(): Promise<OpenTransaction> {
    const { ledgerTopic } = this.#options;
    const transaction = await explained('beginning a transaction', () =>
      this.#producer.transaction(),
    );
    return {
      send: (topic, batches) =>
        explained(`sending to ${topic}`, async () => {
          const answer = await transaction.send({ topic, acks: -1, messages: [...batches] });
          return batches.map((batch) => written(batch, answer));
        }),
      sendLedger: (entries) =>
        explained(`sending to ${ledgerTopic}`, async () => {
          const messages = entries.map(({ key, value }) => ({ partition: 0, key, value }));
          const answer = await transaction.send({ topic: ledgerTopic, acks: -1, messages });
          this.#ledgerWrote(written({ partition: 0, length: messages.length }, answer));
        }),
      commit: () => explained('committing a transaction', () => transaction.commit()),
    };
  }

  /** A topic that is made anew under our feet takes records as if nothing had happened. */
  #ledgerWrote({ baseOffset, records }: Written): void {
    if (baseOffset < this.#ledgerEnd) {
      throw new PermanentError(
        `${this.#options.ledgerTopic} was truncated or made anew: it ended at ${this.#ledgerEnd}, and took records at ${baseOffset}`,
        {
          code: 'ledger-missing',
          remedy:
            'What it knew of the rows in the topic is gone. While the topic is complete from offset 0, capture --rebuild-ledger makes it from the topic. Otherwise restore it, or begin anew under another topic_prefix.',
        },
      );
    }
    this.#ledgerEnd = baseOffset + records;
  }

  async close(): Promise<void> {
    await this.#producer.disconnect().catch(() => {});
  }
}

function written(
  { partition, length }: Pick<RecordBatchMessage, 'partition' | 'length'>,
  answer: readonly RecordMetadata[],
): Written {
  const found = answer.find((one) => one.partition === partition);
  const baseOffset = Number(found?.baseOffset ?? Number.NaN);
  // A send can resolve without having written every partition; then nobody answers for it.
  if (found?.errorCode !== 0 || !Number.isSafeInteger(baseOffset) || baseOffset < 0) {
    throw new RetryableError(`partition ${partition} was not acknowledged`, { code: 'kafka-send' });
  }
  return { partition, baseOffset, records: length };
}

/** Errors that no number of attempts cures, with what does. */
const HOPELESS: Readonly<Record<string, string>> = {
  MESSAGE_TOO_LARGE:
    'Raise max.message.bytes of the topic above the largest row, to 1048588 at least.',
  INVALID_TIMESTAMP: 'Set message.timestamp.after.max.ms=9223372036854775807 on the topic.',
  INVALID_RECORD: 'Set cleanup.policy of both topics as docs/3-prerequisites.md says.',
  TOPIC_AUTHORIZATION_FAILED: 'Grant Write and Describe on both topics (docs/3-prerequisites.md).',
  CLUSTER_AUTHORIZATION_FAILED: 'Grant IdempotentWrite on the cluster (docs/3-prerequisites.md).',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    'Grant Write and Describe on the transactional id (docs/3-prerequisites.md).',
  INVALID_TRANSACTION_TIMEOUT:
    'Lower kafka_transaction_timeout, or raise transaction.max.timeout.ms of the brokers.',
};

async function explained<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof ScorelineError) throw cause;
    const type = kafkaErrorType(cause);
    const said = cause instanceof Error ? cause.message : String(cause);
    const message = `${what} failed: ${type ? `${type}: ` : ''}${said}`;
    if (isFenced(cause)) {
      throw new FencedError(message, {
        code: 'producer-fenced',
        remedy:
          'Another capture has taken over, or a transaction took longer than kafka_transaction_timeout.',
        cause,
      });
    }
    const remedy = HOPELESS[type ?? ''];
    throw remedy === undefined
      ? new RetryableError(message, { code: 'kafka-send', cause })
      : new PermanentError(message, { code: 'kafka-refuses', remedy, cause });
  }
}
