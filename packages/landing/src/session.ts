import { setTimeout as delay } from 'node:timers/promises';

import { aborted, PermanentError, RetryableError, ScorelineError } from '@scoreline/service';
import type {
  Admin,
  Consumer,
  ConsumerGroupJoinEvent,
  EachBatchPayload,
  Kafka,
  RequestTimeoutEvent,
} from 'kafkajs';

import { fetchedBatch } from './fetched-batch.ts';
import { Generation, type LandingScope } from './generation.ts';
import { whileBeating } from './heartbeats.ts';

export interface SessionOptions {
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly fetchBytes: number;
}

/** A batch of a membership that is past is not fetched again at once: the coordinator must first say so. */
const PAST_PAUSE_MS = 100;

/** One partition of many should not fill the answer. */
const FETCH_PARTITION_BYTES = 4 << 20;

/** How long a fetch waits for records. New ones are answered at once. */
const FETCH_WAIT_MS = 500;

/**
 * One life of a kafkajs consumer. Whatever leaves a doubt about what was committed ends it, and with
 * it the membership, so that a request which is still under way finds nobody to act for.
 */
export class Session {
  readonly #scope: LandingScope;
  readonly #admin: Admin;
  readonly #consumer: Consumer;
  readonly #heartbeatMs: number;
  readonly #onJoin: () => void;
  #generation: Generation | null = null;
  #failed: (error: unknown) => void = () => {};
  #stopping = false;
  readonly #failure: Promise<never>;

  constructor(
    kafka: Kafka,
    scope: LandingScope,
    { admin, options, onJoin }: { admin: Admin; options: SessionOptions; onJoin: () => void },
  ) {
    this.#scope = scope;
    this.#admin = admin;
    this.#onJoin = onJoin;
    this.#heartbeatMs = Math.min(3000, options.sessionTimeoutMs / 3);
    this.#failure = new Promise((_resolve, reject) => {
      this.#failed = reject;
    });
    this.#failure.catch(() => {});
    this.#consumer = kafka.consumer({
      groupId: scope.group,
      rawRecordBatches: true,
      readUncommitted: false,
      allowAutoTopicCreation: false,
      sessionTimeout: options.sessionTimeoutMs,
      rebalanceTimeout: options.rebalanceTimeoutMs,
      heartbeatInterval: this.#heartbeatMs,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytes: options.fetchBytes,
      maxBytesPerPartition: FETCH_PARTITION_BYTES,
      // A crash is told to us, and we begin anew: kafkajs's own restart keeps what it had.
      retry: { retries: 5, restartOnFailure: async () => false },
    });
  }

  get generation(): Generation | null {
    return this.#generation;
  }

  /** Consumes until `stop` is aborted, then lets what is in flight land until `force` is. Rejects with what went wrong. */
  async run(
    partitions: number,
    { stop, force }: { stop: AbortSignal; force: AbortSignal },
  ): Promise<void> {
    const consumer = this.#consumer;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.#join(payload));
    consumer.on(consumer.events.CRASH, ({ payload }) => this.#failed(crashed(payload.error)));
    consumer.on(consumer.events.REQUEST_TIMEOUT, ({ payload }) =>
      this.#failed(unanswered(payload)),
    );
    try {
      await consumer.connect();
      await consumer.subscribe({ topic: this.#scope.topic, fromBeginning: true });
      await Promise.race([this.#consume(partitions), this.#failure]);
      await Promise.race([aborted(stop), this.#failure]);
      this.#stopping = true;
      const drained = this.#generation?.drain() ?? Promise.resolve();
      await Promise.race([drained, aborted(force), this.#failure]);
    } finally {
      this.#stopping = true;
      this.#generation?.end(new Error('the session is over'));
      await this.#generation?.settled();
      await consumer.disconnect();
    }
  }

  async #consume(partitions: number): Promise<void> {
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: partitions,
      eachBatch: (payload) => this.#handle(payload),
    });
  }

  #join({ memberId, generationId, memberAssignment }: ConsumerGroupJoinEvent['payload']): void {
    const before = this.#generation;
    before?.end(new Error('the group has gone on'));
    const partitions = [...(memberAssignment[this.#scope.topic] ?? [])].sort((a, b) => a - b);
    this.#scope.log.info({ memberId, generationId, partitions }, 'joined the group');
    this.#onJoin();
    this.#generation = new Generation(
      { memberId, generationId },
      partitions,
      before?.settled() ?? Promise.resolve(),
      {
        scope: this.#scope,
        admin: this.#admin,
        consumer: this.#consumer,
        fail: (error) => this.#failed(error),
      },
    );
    if (this.#stopping) this.#generation.end(new Error('the session is over'));
  }

  /**
   * Only errors of heartbeats leave here: they make kafkajs join again. All others end the generation
   * or the session, and what they happened to is resolved by nobody, so it is fetched again.
   */
  async #handle(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const generation = this.#generation;
    const beating = {
      beat: () => payload.heartbeat(),
      everyMs: this.#heartbeatMs,
      lost: (error: unknown) => generation?.end(error),
    };
    if (this.#stopping || !generation?.fetched(batch) || generation.signal.aborted) {
      await whileBeating(delay(PAST_PAUSE_MS), beating);
      return;
    }
    const accepting = generation.accept(fetchedBatch(batch)).catch((error: unknown) => {
      generation.fail(error);
      return 'elsewhere' as const;
    });
    const accepted = await whileBeating(accepting, beating);
    if (accepted === 'taken') payload.resolveOffset(batch.lastOffset());
    // Fetched again once it may go on; the other partitions are not kept waiting.
    if (accepted === 'later') void generation.again(batch.partition).then(payload.pause());
  }
}

/** kafkajs would ask again over the same connection, which may carry nothing any more (K24). */
function unanswered({ apiName, broker }: RequestTimeoutEvent['payload']): RetryableError {
  return new RetryableError(`${broker} has not answered ${apiName} within kafka_request_timeout`, {
    code: 'kafka-unanswered',
  });
}

/** The consumer gave up. Whether a new one may do better is for the error to say. */
function crashed(error: Error): unknown {
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    if (one instanceof ScorelineError) return one;
    if (one.name === 'KafkaJSOffsetOutOfRange') {
      return new PermanentError(`the log does not hold what is to be fetched: ${error.message}`, {
        code: 'offset-out-of-range',
        remedy:
          'Records were deleted before they landed, or the topic was truncated. Start again: the check at start says which, and what to do.',
        cause: error,
      });
    }
    if (one.name === 'KafkaJSNotImplemented') {
      return new PermanentError(`a record batch cannot be read: ${one.message}`, {
        code: 'compression-unknown',
        remedy: 'The topic needs compression.type=producer, which capture sets.',
        cause: error,
      });
    }
  }
  return error;
}
