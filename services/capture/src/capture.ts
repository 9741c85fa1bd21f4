import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import {
  type ConnectStage,
  identityAt,
  identityFrom,
  isRefusal,
  isSameSource,
  type Leadership,
  type ServerFacts,
  ServerLock,
  type Source,
  type SourceHolder,
} from '@scoreline/database';
import type { Checkpoint } from '@scoreline/ledger';
import { type Logger, type Part, retry, ScorelineError } from '@scoreline/service';
import type { Kafka } from 'kafkajs';
import type { Connection } from 'mysql2/promise';

import type { CaptureConfig } from './config.ts';
import { ensureTopics, type Ground, registerSchema } from './ground.ts';
import type { CaptureMetrics } from './metrics.ts';
import type { PipelineNames } from './pipeline-names.ts';
import { asReadyAs, preflight, type Standing } from './preflight.ts';
import { sessionError } from './session-error.ts';
import { Session } from './session.ts';
import { FenceWatch } from './source-fence.ts';
import { UnreadablePlaces } from './unreadable-places.ts';

export interface CaptureOptions {
  readonly config: CaptureConfig;
  readonly sources: SourceHolder;
  readonly kafka: Kafka;
  readonly names: PipelineNames;
  readonly metrics: CaptureMetrics;
  readonly log: Logger;
}

/** How long one source is in use. */
interface Term {
  readonly source: Source;
  /** Aborted when another one is, and when we stop. */
  readonly over: AbortSignal;
}

/** Between attempts with a source that the server refuses. */
const REFUSED_MS = 5_000;

/**
 * Capture as a part of its service: checks everything at start, waits for the registry and the lock, and runs
 * one session after another until it is told to stop or an error says that going on could lose or repeat a
 * row.
 *
 * When another source takes the place of the one in use, the session ends after its transaction and the
 * lock is given back: nothing of ours stays connected as the old user or at the old address.
 */
export class Capture implements Part {
  readonly name = 'capture';
  done: Promise<void> | undefined;
  readonly #options: CaptureOptions;
  readonly #replicaServerId: number;
  readonly #lock: ServerLock;
  readonly #stopping = new AbortController();
  #session: Session | undefined;
  /** As it was examined last. */
  #server: ServerFacts | undefined;
  /** The newest that a session has known. */
  #checkpoint: Checkpoint | null = null;
  /** Outlives sessions: one that stalled is made good by a later one. */
  readonly #fence = new FenceWatch();
  readonly #unreadable = new UnreadablePlaces();
  #state = 'starting';

  constructor(options: CaptureOptions) {
    const { config, names, log } = options;
    this.#options = options;
    this.#replicaServerId = config.replica_server_id || ownServerId();
    this.#lock = new ServerLock(names.transactionalId, log);
  }

  async start(signal: AbortSignal): Promise<void> {
    const { config, names, sources, log } = this.#options;
    this.#server = await this.#examine(sources.current, 'start', signal);
    const wanted = { unknownColumns: config.unknown_columns, version: names.version };
    sources.addCheck(asReadyAs(() => this.#standing(), wanted, log));
    this.done = this.#run();
    this.done.catch(() => {});
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.done?.catch(() => {});
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
      topic: this.#options.names.topic,
      ...this.#session?.status(),
    };
  }

  /** Before the lock is asked for: another capture, which has been told the schema, may hold it meanwhile. */
  async #registerSchema(signal: AbortSignal): Promise<number> {
    const { config, names, log } = this.#options;
    const schemaId = await retry(() => registerSchema(config, names, signal), {
      signal,
      log,
      what: 'registering the schema',
      maxDelayMs: 5_000,
      onFailure: (error) => {
        this.#state = `waiting for the schema registry: ${messageOf(error)}`;
      },
    });
    this.#state = 'starting';
    return schemaId;
  }

  async #ensureTopics(signal: AbortSignal): Promise<number> {
    const admin = this.#options.kafka.admin({ retry: { retries: 3 } });
    try {
      return await ensureTopics(admin, { ...this.#options, signal });
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    try {
      const schemaId = await this.#registerSchema(signal);
      const partitions = await this.#ensureTopics(signal);
      await this.#capture({ schemaId, partitions });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Terms, one after another, until a stop or an error that no other term would mend. */
  async #capture(ground: Ground): Promise<void> {
    const { sources, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const { current: source, superseded } = sources;
      const term: Term = { source, over: AbortSignal.any([signal, superseded]) };
      try {
        await this.#serve(ground, term);
      } catch (error) {
        if (signal.aborted) return;
        // What is permanent will come back from the ledger, with the new source too.
        if (superseded.aborted) log.debug({ err: error }, 'the term has ended');
        else await this.#afterFailure(error, term);
      }
      if (superseded.aborted && !signal.aborted) log.info('going on with the new source');
    }
  }

  /** Holds the lock on one connection to one source, and captures meanwhile. */
  async #serve(ground: Ground, term: Term): Promise<void> {
    const { log, metrics } = this.#options;
    this.#state = 'taking the lock';
    const leadership = await this.#lock.acquire(term.source, term.over, () => {
      this.#state = `standby: another capture holds the lock ${this.#lock.name}`;
      log.info(this.#state);
    });
    metrics.leader.set(1);
    log.info(`holding the lock ${this.#lock.name}`);
    try {
      await this.#meet(leadership.connection, term);
      await this.#lead(ground, leadership, term);
    } finally {
      metrics.leader.set(0);
      // Whoever leads now knows it.
      metrics.binlogRunway.measured(null);
      await leadership.release();
    }
  }

  /** Behind the same address another server may answer by now: it is examined as the first one was. */
  async #meet(connection: Connection, { source, over }: Term): Promise<void> {
    try {
      const identity = await identityAt(connection);
      if (isSameSource(identityFrom(this.#server!), identity)) return;
      this.#options.log.warn({ to: identity }, 'another server answers; examining it');
      this.#server = await this.#examine(source, 'running', over);
      this.#fence.forget();
    } catch (cause) {
      throw sessionError(cause);
    }
  }

  /** A server that serves is not left for another one by a file, which may be wrong. */
  #standing(): Standing {
    const isServed = this.#session?.isStreaming === true;
    return { server: this.#server!, orphaned: isServed ? null : this.#checkpoint };
  }

  #examine(source: Source, stage: ConnectStage, signal: AbortSignal): Promise<ServerFacts> {
    const { config, names, log, metrics } = this.#options;
    return preflight(source, {
      stage,
      minRunwayMs: config.min_binlog_runway,
      exclude: config.exclude,
      unknownColumns: config.unknown_columns,
      version: names.version,
      signal,
      log,
      metrics,
    });
  }

  /** @throws the cause, unless time mends it, or another file where a refused source came from one. */
  async #afterFailure(cause: unknown, { over }: Term): Promise<void> {
    const { sources, log, metrics } = this.#options;
    if (!(cause instanceof ScorelineError)) throw cause;
    if (cause.action === 'retry') {
      log.warn({ err: cause }, 'no longer leading');
      return;
    }
    if (!isRefusal(cause) || !sources.isReloading) throw cause;
    metrics.failures.inc({ code: cause.code });
    this.#state = `waiting for a source that the server accepts: ${cause.message}`;
    log.error({ err: cause, retryInMs: REFUSED_MS }, this.#state);
    await delay(REFUSED_MS, undefined, { signal: over }).catch(() => {});
  }

  /** Sessions, one after another, for as long as the lock is ours and the source the same. */
  async #lead(ground: Ground, leadership: Leadership, term: Term): Promise<void> {
    const { log, metrics } = this.#options;
    while (!term.over.aborted) {
      leadership.lost.throwIfAborted();
      await retry(() => this.#attempt(ground, leadership, term), {
        signal: AbortSignal.any([term.over, leadership.lost]),
        log,
        what: 'capturing',
        maxDelayMs: 5_000,
        onFailure: (error) => metrics.failures.inc({ code: codeOf(error) }),
      });
    }
  }

  /** Resolves when it had come so far as to stream: what ended it is something new, and no reason to wait. */
  async #attempt(ground: Ground, leadership: Leadership, term: Term): Promise<void> {
    const { log, metrics } = this.#options;
    this.#state = 'fencing, and reading the ledger';
    const session = new Session({
      ...this.#options,
      ...this.#options.names,
      ...ground,
      server: this.#server!,
      source: term.source,
      replicaServerId: this.#replicaServerId,
      leadership,
      fence: this.#fence,
      unreadable: this.#unreadable,
    });
    this.#session = session;
    try {
      await session.run(term.over);
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
      this.#checkpoint = session.checkpoint ?? this.#checkpoint;
      await session.close();
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string {
  return error instanceof ScorelineError ? error.code : 'other';
}

/** Replicas with the same id throw each other out: any of the upper half, where people choose none. */
function ownServerId(): number {
  return randomInt(2 ** 31, 2 ** 32);
}
