import { settleTls, type Source, utcOffsetMinutes } from '@scoreline/database';
import type { CapturedIds, Checkpoint } from '@scoreline/ledger';
import { aborted, deferred } from '@scoreline/service';
import type { Admin } from 'kafkajs';

import { beginning, type Begun } from './beginning.ts';
import { KnownRows } from './known-rows.ts';
import type { LedgerTopics } from './ledger-topics.ts';
import type { Progress } from './reader-interface.ts';
import { Reconciling } from './reconciling.ts';
import { RequestWatch } from './request-watch.ts';
import type { SessionOptions } from './session-options.ts';
import { type SessionParts, sessionParts } from './session-parts.ts';
import { requireLedger } from './topic-presence.ts';
import { TransactionalProducer } from './transactional-producer.ts';

interface KnownTopics {
  readonly captured: CapturedIds;
  readonly topics: LedgerTopics;
}

/**
 * One attempt at capturing: fence, read the checkpoint, prove the source, stream and publish, until an
 * error. Everything that it knows is dropped with it; the next session begins from the ledger.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #producer: TransactionalProducer;
  /** Of this session, as is the producer: a connection that has died without a word dies with it. */
  readonly #admin: Admin;
  /** Aborted with the error that ended the reading. */
  readonly #failed = new AbortController();
  readonly #resumed = deferred();
  #resumedAt: Progress | null = null;
  #source: Source;
  #parts: SessionParts | undefined;
  #reconciling: Reconciling | undefined;
  #isStreaming = false;
  #hasStreamed = false;

  constructor(options: SessionOptions) {
    const { kafka, transactionalId, ledgerTopic, config } = options;
    this.#options = options;
    this.#source = options.source;
    this.#admin = kafka.admin({ retry: { retries: 3 } });
    this.#producer = new TransactionalProducer(kafka, {
      transactionalId,
      ledgerTopic,
      transactionTimeoutMs: config.kafka_transaction_timeout,
    });
  }

  /** Whether rows are flowing, or would if there were any. */
  get isStreaming(): boolean {
    return this.#isStreaming;
  }

  get hasStreamed(): boolean {
    return this.#hasStreamed;
  }

  /** What the ledger says; null until that is known. */
  get checkpoint(): Checkpoint | null {
    return this.#parts?.publisher.checkpoint ?? null;
  }

  status() {
    const { checkpoint } = this;
    const { publisher, queue, reading, meter, watch } = this.#parts ?? {};
    const reader = reading?.reader;
    return {
      ledger: checkpoint?.ledgerUuid ?? null,
      source: checkpoint?.source ?? null,
      published: checkpoint ? show(checkpoint.position) : null,
      gtidSet: checkpoint?.gtidSet ?? null,
      read: reader ? show(reader.position) : null,
      newestCommit: checkpoint?.commitTimeMs
        ? new Date(checkpoint.commitTimeMs).toISOString()
        : null,
      topicEnds: checkpoint?.topicEnds ?? null,
      reconcile: this.#reconciling?.status() ?? null,
      queueBytes: queue?.bytes ?? 0,
      lagSeconds: meter?.lagSeconds() ?? null,
      inTransaction: publisher?.inTransaction ?? false,
      paused: reading?.stream.paused ?? false,
      ...watch?.status(),
    };
  }

  /**
   * Resolves when `signal` is aborted, after the transaction in progress has ended.
   *
   * @throws what ended the session: a RetryableError asks for another one.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { leadership, ledgerTopic, metrics } = this.#options;
    // Only the holder of the lock may fence, or two captures would do it to each other in turns.
    await leadership.confirm();
    // Each of a binlog's connections must be told how to connect; it cannot try twice.
    this.#source = await settleTls(this.#options.source, { signal });
    await this.#admin.connect();
    await requireLedger(this.#admin, ledgerTopic, { signal });
    const fence = await this.#producer.fence();
    const readTo = this.#producer.ledgerEnd;
    const begun = await beginning(this.#options, {
      source: this.#source,
      admin: this.#admin,
      fence,
      signal,
    });
    const ended = AbortSignal.any([signal, leadership.lost, this.#failed.signal]);
    const known = this.#known(begun, AbortSignal.any([signal, leadership.lost]));
    const parts = this.#open(begun, known);
    metrics.sessions.inc();
    await Promise.race([aborted(ended), this.#resumed.promise]);
    if (this.#resumedAt !== null && !leadership.lost.aborted) {
      // Before the first row, and as far as the event before it: the reader has gone on since.
      if (begun.isNew) await parts.publisher.publish([], this.#resumedAt);
      this.#isStreaming = this.#hasStreamed = true;
      const over = new AbortController();
      const signals = AbortSignal.any([ended, over.signal]);
      const reconciled = this.#reconcile(parts, { begun, readTo }, signals);
      try {
        await this.#publishAll(parts, ended);
      } finally {
        this.#isStreaming = false;
        over.abort();
        await reconciled;
      }
    }
    leadership.lost.throwIfAborted();
    if (!signal.aborted) this.#failed.signal.throwIfAborted();
  }

  async close(): Promise<void> {
    this.#parts?.meter.stop();
    this.#parts?.watch.stop();
    await Promise.all([
      this.#parts?.reading.stream.close(),
      this.#producer.close(),
      this.#admin.disconnect().catch(() => {}),
    ]);
  }

  async #publishAll({ publisher, queue }: SessionParts, ended: AbortSignal): Promise<void> {
    for (;;) {
      const batch = await queue.next(ended).catch((error: unknown) => {
        if (ended.aborted) return null;
        throw error;
      });
      if (batch === null) break;
      await publisher.publish(batch.chunks, batch.progress);
      queue.done(batch);
    }
    // What was read before an event that stops us is as good as ever.
    const { leadership } = this.#options;
    while (this.#failed.signal.aborted && queue.hasRows && !leadership.lost.aborted) {
      const batch = queue.take();
      await publisher.publish(batch.chunks, batch.progress);
      queue.done(batch);
    }
  }

  /** Beside the stream. Never rejects: its failure is the session's. */
  async #reconcile(
    { publisher, queue, reading }: SessionParts,
    { begun, readTo }: { readonly begun: Begun; readonly readTo: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { kafka, ledgerTopic, config, version, metrics, log } = this.#options;
    const { captured, request: last } = begun;
    const requests = new RequestWatch({ kafka, ledgerTopic, readTo, last, log });
    const { source: identity } = publisher.checkpoint;
    this.#reconciling = new Reconciling({
      source: this.#source,
      identity,
      utcOffsetMinutes: utcOffsetMinutes(config.source_time_zone) ?? 0,
      unknownColumns: config.unknown_columns,
      version,
      rowsPerSecond: config.reconcile_rate,
      auditMs: config.audit_interval,
      requested: config.reconcile_ids ?? null,
      requests,
      captured,
      publisher,
      queue,
      reader: reading.reader,
      metrics,
      log,
    });
    const failed = (error: unknown): void => {
      if (!signal.aborted) this.#failed.abort(error);
    };
    await Promise.all([
      this.#reconciling.run(signal).catch(failed),
      requests.run(signal).catch(failed),
    ]);
  }

  #known({ captured, topics }: KnownTopics, signal: AbortSignal): KnownRows {
    const { kafka, config, version, log } = this.#options;
    const accepted = config.accept_known ?? null;
    return new KnownRows({ kafka, captured, topics, version, accepted, signal, log });
  }

  #open(begun: Begun, known: KnownRows): SessionParts {
    const ground = { begun, source: this.#source, producer: this.#producer, known };
    const parts = sessionParts(this.#options, ground, {
      resumed: (at) => {
        this.#resumedAt = at;
        this.#resumed.resolve();
      },
      failed: (error) => this.#failed.abort(error),
    });
    this.#parts = parts;
    this.#options.log.debug({ from: begun.checkpoint.position }, 'opening the binlog');
    parts.reading.stream.start();
    parts.watch.start();
    return parts;
  }
}

function show({ file, offset }: { readonly file: string; readonly offset: number }): string {
  return `${file}:${offset}`;
}
