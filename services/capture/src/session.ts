import {
  type Leadership,
  type ServerFacts,
  settleTls,
  type Source,
  utcOffsetMinutes,
} from '@scoreline/database';
import type { CapturedIds, Checkpoint } from '@scoreline/ledger';
import { wireHeader } from '@scoreline/schema';
import { aborted, deferred, type Logger } from '@scoreline/service';
import type { Admin, Kafka } from 'kafkajs';

import { BatchQueue } from './batch-queue.ts';
import { type Beginning, beginning, type Begun } from './beginning.ts';
import { CHUNK_BYTES, ChunkPool } from './chunk.ts';
import type { CaptureConfig } from './config.ts';
import { KnownRows } from './known-rows.ts';
import type { LedgerTopics } from './ledger-topics.ts';
import { Meter } from './meter.ts';
import type { CaptureMetrics } from './metrics.ts';
import { OtherColumns } from './other-columns.ts';
import type { PipelineNames } from './pipeline-names.ts';
import { Publisher } from './publisher.ts';
import type { Progress } from './reader-interface.ts';
import { Reading, type ReadingOptions } from './reading.ts';
import { Reconciling } from './reconciling.ts';
import { RecordPacker } from './record-packer.ts';
import { RequestWatch } from './request-watch.ts';
import { RowCollector } from './row-collector.ts';
import { RowFilter } from './row-filter.ts';
import type { FenceWatch } from './source-fence.ts';
import { SourceWatch } from './source-watch.ts';
import { requireLedger } from './topic-presence.ts';
import { TransactionalProducer } from './transactional-producer.ts';
import type { UnreadablePlaces } from './unreadable-places.ts';
import { updatePolicy } from './update-policy.ts';

export interface SessionOptions extends PipelineNames {
  readonly config: CaptureConfig;
  readonly source: Source;
  readonly server: ServerFacts;
  readonly kafka: Kafka;
  readonly partitions: number;
  readonly schemaId: number;
  readonly replicaServerId: number;
  readonly leadership: Leadership;
  readonly fence: FenceWatch;
  readonly unreadable: UnreadablePlaces;
  readonly metrics: CaptureMetrics;
  readonly log: Logger;
}

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
  #reading: Reading | undefined;
  #queue: BatchQueue | undefined;
  #publisher: Publisher | undefined;
  #meter: Meter | undefined;
  #reconciling: Reconciling | undefined;
  #watch: SourceWatch | undefined;
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
    return this.#publisher?.checkpoint ?? null;
  }

  status() {
    const { checkpoint } = this;
    const reader = this.#reading?.reader;
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
      queueBytes: this.#queue?.bytes ?? 0,
      lagSeconds: this.#meter?.lagSeconds() ?? null,
      inTransaction: this.#publisher?.inTransaction ?? false,
      paused: this.#reading?.stream.paused ?? false,
      ...this.#watch?.status(),
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
    const queue = this.#open(begun, known);
    metrics.sessions.inc();
    await Promise.race([aborted(ended), this.#resumed.promise]);
    if (this.#resumedAt !== null && !leadership.lost.aborted) {
      // Before the first row, and as far as the event before it: the reader has gone on since.
      if (begun.isNew) await this.#publisher!.publish([], this.#resumedAt);
      this.#isStreaming = this.#hasStreamed = true;
      const over = new AbortController();
      const reconciled = this.#reconcile(begun, readTo, AbortSignal.any([ended, over.signal]));
      try {
        await this.#publishAll(queue, ended);
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
    this.#meter?.stop();
    this.#watch?.stop();
    await Promise.all([
      this.#reading?.stream.close(),
      this.#producer.close(),
      this.#admin.disconnect().catch(() => {}),
    ]);
  }

  async #publishAll(queue: BatchQueue, ended: AbortSignal): Promise<void> {
    const publisher = this.#publisher!;
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
    { captured, request: last }: Begun,
    readTo: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { kafka, ledgerTopic, config, version, metrics, log } = this.#options;
    const requests = new RequestWatch({ kafka, ledgerTopic, readTo, last, log });
    const publisher = this.#publisher!;
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
      queue: this.#queue!,
      reader: this.#reading!.reader,
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

  #open({ checkpoint, captured, overlap }: Beginning, known: KnownRows): BatchQueue {
    const { config, metrics, topic, version, partitions, schemaId, log } = this.#options;
    // All that a full queue holds: what is let go of and made anew is garbage in the meantime.
    const pool = new ChunkPool(Math.ceil(config.max_queue_bytes / CHUNK_BYTES) + 2);
    const collector = new RowCollector(pool);
    this.#publisher = new Publisher({
      producer: this.#producer,
      packer: new RecordPacker(partitions, wireHeader(schemaId)),
      filter: config.exclude === undefined ? null : new RowFilter(config.exclude),
      known,
      topic,
      version,
      metrics,
      checkpoint,
      captured,
    });
    const queue = new BatchQueue(
      {
        transactionBytes: config.max_transaction_bytes,
        transactionRows: config.max_transaction_rows,
        queueBytes: config.max_queue_bytes,
        lingerMs: config.linger,
        idleMs: config.checkpoint_interval,
      },
      {
        pool,
        collector,
        progress: () => reading.reader.progress(),
        relieved: () => reading.stream.resume(),
      },
    );
    const others = new OtherColumns(config.unknown_columns, metrics, log);
    const reading = new Reading({ ...this.#readingOptions(checkpoint), overlap }, collector, {
      ...updatePolicy(config.on_update, metrics),
      others: (columns) => others.seen(columns),
      resumed: () => {
        this.#resumedAt = reading.reader.progress();
        this.#resumed.resolve();
      },
      advanced: () => queue.advanced(),
      read: () => {
        if (queue.isFull) reading.stream.pause();
      },
      failed: (error) => this.#failed.abort(error),
    });
    this.#queue = queue;
    this.#reading = reading;
    this.#meter = new Meter(metrics, { reading, queue });
    log.debug({ from: checkpoint.position }, 'opening the binlog');
    reading.stream.start();
    this.#watch = this.#watching(reading, this.#publisher);
    this.#watch.start();
    return queue;
  }

  #watching(reading: Reading, publisher: Publisher): SourceWatch {
    const { config, fence, metrics, log } = this.#options;
    return new SourceWatch(
      {
        source: this.#source,
        fence,
        intervalMs: config.fence_interval,
        timeoutMs: config.fence_timeout,
        minRunwayMs: config.min_binlog_runway,
        metrics,
        log,
      },
      {
        reading,
        checkpoint: () => publisher.checkpoint,
        failed: (error) => this.#failed.abort(error),
      },
    );
  }

  #readingOptions(from: Checkpoint): Omit<ReadingOptions, 'overlap'> {
    const { config, version, replicaServerId, unreadable } = this.#options;
    return {
      source: this.#source,
      from,
      unreadable,
      serverId: replicaServerId,
      heartbeatMs: config.heartbeat_interval,
      timeoutMs: config.source_timeout,
      maxGroupBytes: config.max_group_bytes,
      utcOffsetMinutes: utcOffsetMinutes(config.source_time_zone) ?? 0,
      unknownColumns: config.unknown_columns,
      version,
    };
  }
}

function show({ file, offset }: { readonly file: string; readonly offset: number }): string {
  return `${file}:${offset}`;
}
