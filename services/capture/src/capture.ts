import { randomInt } from 'node:crypto';

import type { Source } from '@scoreline/database';
import { ledgerTopic } from '@scoreline/ledger';
import { topicName } from '@scoreline/schema';
import { type Logger, type Part, retry, ScorelineError } from '@scoreline/service';
import type { Admin, Kafka } from 'kafkajs';

import type { CaptureConfig } from './config.ts';
import { ensureTopics, type Ground, registerSchema } from './ground.ts';
import { LeaderLock, type Leadership } from './leader-lock.ts';
import type { CaptureMetrics } from './metrics.ts';
import { preflight } from './preflight.ts';
import { sessionError } from './session-error.ts';
import { Session } from './session.ts';
import { FenceWatch } from './source-fence.ts';

export interface CaptureOptions {
  readonly config: CaptureConfig;
  readonly source: Source;
  readonly kafka: Kafka;
  readonly metrics: CaptureMetrics;
  readonly log: Logger;
}

/**
 * Capture as a part of its service: checks everything at start, waits for the lock, and runs one session
 * after another until it is told to stop or an error says that going on could lose or repeat a row.
 */
export class Capture implements Part {
  readonly name = 'capture';
  done: Promise<void> | undefined;
  readonly #options: CaptureOptions;
  readonly #topic: string;
  readonly #ledgerTopic: string;
  readonly #transactionalId: string;
  readonly #replicaServerId: number;
  readonly #lock: LeaderLock;
  readonly #admin: Admin;
  readonly #stopping = new AbortController();
  #session: Session | undefined;
  /** Outlives sessions: one that stalled is made good by a later one. */
  readonly #fence = new FenceWatch();
  #state = 'starting';

  constructor(options: CaptureOptions) {
    const { config, source, kafka, log } = options;
    this.#options = options;
    this.#topic = topicName(source.table, undefined, config.topic_prefix);
    this.#ledgerTopic = ledgerTopic(source.table, config.topic_prefix);
    this.#transactionalId = `${config.topic_prefix}scoreline-capture-${source.table}`;
    this.#replicaServerId = config.replica_server_id || ownServerId();
    this.#lock = new LeaderLock(source, this.#transactionalId, log);
    this.#admin = kafka.admin({ retry: { retries: 3 } });
  }

  async start(signal: AbortSignal): Promise<void> {
    const { config, source, log, metrics } = this.#options;
    const server = await preflight(source, {
      minRunwayMs: config.min_binlog_runway,
      signal,
      log,
      metrics,
    });
    const schemaId = await registerSchema(config, this.#topic);
    const partitions = await ensureTopics(this.#admin, config, {
      topic: this.#topic,
      ledgerTopic: this.#ledgerTopic,
      log,
    });
    this.done = this.#run({ server, schemaId, partitions });
    this.done.catch(() => {});
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.done?.catch(() => {});
    await this.#admin.disconnect().catch(() => {});
  }

  notReady(): string | null {
    if (!this.#session?.isStreaming) return this.#state;
    const { missed } = this.#fence;
    if (missed === null) return null;
    return `the binlog stream has stalled: it has not passed ${missed.file}:${missed.offset} yet`;
  }

  status() {
    return {
      state: this.#session?.isStreaming ? 'streaming' : this.#state,
      topic: this.#topic,
      ...this.#session?.status(),
    };
  }

  async #run(ground: Ground): Promise<void> {
    const { log, metrics } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        this.#state = 'taking the lock';
        const leadership = await this.#lock.acquire(signal, () => {
          this.#state = `standby: another capture holds the lock ${this.#lock.name}`;
          log.info(this.#state);
        });
        metrics.leader.set(1);
        log.info(`holding the lock ${this.#lock.name}`);
        try {
          await this.#lead(ground, leadership);
        } finally {
          metrics.leader.set(0);
          // Whoever leads now knows it.
          metrics.binlogRunway.measured(null);
          await leadership.release();
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof ScorelineError) || error.action !== 'retry') throw error;
        log.warn({ err: error }, 'no longer leading');
      }
    }
  }

  /** Sessions, one after another, for as long as the lock is ours. */
  async #lead(ground: Ground, leadership: Leadership): Promise<void> {
    const { log, metrics } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      leadership.lost.throwIfAborted();
      await retry(() => this.#attempt(ground, leadership), {
        signal: AbortSignal.any([signal, leadership.lost]),
        log,
        what: 'capturing',
        maxDelayMs: 5_000,
        onFailure: (error) => metrics.failures.inc({ code: codeOf(error) }),
      });
    }
  }

  /** Resolves when it had come so far as to stream: what ended it is something new, and no reason to wait. */
  async #attempt(ground: Ground, leadership: Leadership): Promise<void> {
    const { log, metrics } = this.#options;
    const { signal } = this.#stopping;
    this.#state = 'fencing, and reading the ledger';
    const session = new Session({
      ...this.#options,
      ...ground,
      admin: this.#admin,
      topic: this.#topic,
      ledgerTopic: this.#ledgerTopic,
      transactionalId: this.#transactionalId,
      replicaServerId: this.#replicaServerId,
      leadership,
      fence: this.#fence,
    });
    this.#session = session;
    try {
      await session.run(signal);
    } catch (cause) {
      leadership.lost.throwIfAborted();
      const error = sessionError(cause);
      if (error.action !== 'retry') throw error;
      this.#state = `beginning again after: ${error.message}`;
      if (!session.hasStreamed) throw error;
      metrics.failures.inc({ code: codeOf(error) });
      log.warn({ err: error }, 'the session has ended; beginning again from the checkpoint');
    } finally {
      this.#session = undefined;
      await session.close();
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof ScorelineError ? error.code : 'other';
}

/** Replicas with the same id throw each other out: any of the upper half, where people choose none. */
function ownServerId(): number {
  return randomInt(2 ** 31, 2 ** 32);
}
