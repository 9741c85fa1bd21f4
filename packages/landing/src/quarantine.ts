import { ensureTopic, isPassing, kafkaErrorType, type TopicSpec } from '@scoreline/kafka';
import {
  type Logger,
  type Part,
  PermanentError,
  type PoisonError,
  retry,
  RetryableError,
} from '@scoreline/service';
import type { Admin, Kafka, Producer } from 'kafkajs';

import { findRecords, type LogRecord, type RecordPlaces } from './log-record.ts';

export interface QuarantineOptions {
  readonly kafka: Kafka;
  /** Of the rows. */
  readonly topic: string;
  readonly sink: string;
  /** Of records that one partition may have in quarantine. */
  readonly limit: number;
  readonly manageTopics: boolean;
  readonly log: Logger;
  /** A record was put aside: the place for metrics. */
  readonly kept: (partition: number) => void;
}

/** What of a record is to be put aside, and what this partition has put aside before. */
export interface PoisonRecord {
  readonly partition: number;
  readonly record: LogRecord;
  readonly poison: PoisonError;
  readonly already: number;
}

export function quarantineTopic(topic: string): string {
  return `${topic}.quarantine`;
}

/** Everything in it waits for an operator, however long that takes. */
export function quarantineSpec(topic: string): TopicSpec {
  const waits = 'records wait there until an operator has dealt with them';
  return {
    name: quarantineTopic(topic),
    partitions: 1,
    required: {
      'cleanup.policy': {
        value: 'delete',
        why: 'compaction takes a record without a value for a deletion',
      },
      'retention.ms': { value: '-1', why: waits },
      'retention.bytes': { value: '-1', why: waits },
      'max.message.bytes': {
        value: '2097152',
        why: 'a record of the row topic must fit, with what is said about it',
        atLeast: true,
      },
    },
  };
}

/**
 * Records that cannot land, as they are in the log, in a topic beside it: durable before anything is
 * committed past them. One that is put aside twice, because its commit was lost, has the same key.
 */
export class Quarantine implements Part {
  readonly name = 'quarantine';
  readonly #options: QuarantineOptions;
  readonly #admin: Admin;
  readonly #producer: Producer;
  #isConnected = false;

  constructor(options: QuarantineOptions) {
    this.#options = options;
    this.#admin = options.kafka.admin();
    this.#producer = options.kafka.producer({ maxInFlightRequests: 1 });
  }

  /** Opened by landing, when Kafka has been reached. */
  async start(): Promise<void> {}

  /** Makes the topic now: what is wrong with it should be known before it is needed. */
  async open(): Promise<void> {
    const { topic, manageTopics, log } = this.#options;
    await this.#admin.connect();
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] });
    const replication = topics[0]?.partitions[0]?.replicas.length ?? 1;
    const { notes } = await ensureTopic(this.#admin, quarantineSpec(topic), {
      manage_topics: manageTopics,
      topic_replication: replication,
    });
    for (const note of notes) log.info(note);
  }

  async stop(): Promise<void> {
    await this.#producer.disconnect();
    await this.#admin.disconnect();
  }

  /** Records by how many others are between them and the one at `first`. */
  async find(
    places: Omit<RecordPlaces, 'topic'>,
    signal: AbortSignal,
  ): Promise<readonly LogRecord[]> {
    const { topic, log } = this.#options;
    return retry(() => findRecords(this.#admin, { topic, ...places }, signal), {
      signal,
      log,
      what: `reading ${topic}[${places.partition}] for a record that cannot land`,
      // Deleted records do not come back: a new session finds the words for that.
      classify: (error) => isPassing(error) && kafkaErrorType(error) !== 'OFFSET_OUT_OF_RANGE',
    });
  }

  /**
   * Resolves when the record is durable in quarantine.
   *
   * @throws PermanentError `quarantine-full`
   */
  async keep(one: PoisonRecord, signal: AbortSignal): Promise<void> {
    const { topic, limit, log, kept } = this.#options;
    const { partition, record, poison, already } = one;
    const where = `${topic}[${partition}] offset ${record.offset}`;
    if (already >= limit) throw full(where, one);
    await retry(() => this.#send(one), {
      signal,
      log,
      what: `putting ${where} into quarantine`,
      classify: isPassing,
    });
    kept(partition);
    log.error(
      { partition, offset: record.offset, code: poison.code, err: poison },
      `${where} cannot land and is in quarantine: no rows are purged until it is released`,
    );
  }

  async #send(one: PoisonRecord): Promise<void> {
    const { topic } = this.#options;
    if (!this.#isConnected) {
      await this.#producer.connect();
      this.#isConnected = true;
    }
    const [answer] = await this.#producer.send({
      topic: quarantineTopic(topic),
      acks: -1,
      messages: [this.#message(one)],
    });
    if (answer?.errorCode === 0) return;
    throw new RetryableError('the quarantine topic has not acknowledged a record', {
      code: 'quarantine-unacknowledged',
    });
  }

  #message({ partition, record, poison }: PoisonRecord) {
    const { sink, topic } = this.#options;
    const { offset, key, value, timestampMs } = record;
    return {
      partition: 0,
      key: `${sink}:${topic}:${partition}:${offset}`,
      value,
      headers: {
        sink,
        topic,
        partition: String(partition),
        offset: String(offset),
        ...(key === null ? {} : { key }),
        timestamp: String(timestampMs),
        code: poison.code,
        why: poison.message,
        at: new Date().toISOString(),
      },
    };
  }
}

function full(where: string, { already, poison }: PoisonRecord): PermanentError {
  return new PermanentError(
    `${where} cannot land, and ${already} records of its partition are in quarantine: ${poison.message}`,
    {
      code: 'quarantine-full',
      remedy:
        'So many are rather the fault of the destination, or of who wrote them, than of each record. Mend that; or release them (accept_quarantined), or raise quarantine_limit.',
      cause: poison,
    },
  );
}
