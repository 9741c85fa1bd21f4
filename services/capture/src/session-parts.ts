import { utcOffsetMinutes, type Source } from '@scoreline/database';
import type { Checkpoint } from '@scoreline/ledger';
import { wireHeader } from '@scoreline/schema';

import { BatchQueue } from './batch-queue.ts';
import type { Beginning } from './beginning.ts';
import { CHUNK_BYTES, ChunkPool } from './chunk.ts';
import type { KnownRows } from './known-rows.ts';
import { Meter } from './meter.ts';
import { OtherColumns } from './other-columns.ts';
import { Publisher } from './publisher.ts';
import type { Progress } from './reader-interface.ts';
import { Reading, type ReadingOptions } from './reading.ts';
import { RecordPacker } from './record-packer.ts';
import { RowCollector } from './row-collector.ts';
import { RowFilter } from './row-filter.ts';
import type { SessionOptions } from './session-options.ts';
import { SourceWatch } from './source-watch.ts';
import type { TransactionalProducer } from './transactional-producer.ts';
import { updatePolicy } from './update-policy.ts';

/** What a session streams and publishes with. */
export interface SessionParts {
  readonly publisher: Publisher;
  readonly queue: BatchQueue;
  readonly reading: Reading;
  readonly meter: Meter;
  readonly watch: SourceWatch;
}

/** What a session has found out before. */
export interface PartsGround {
  readonly begun: Beginning;
  /** As it is connected to. */
  readonly source: Source;
  readonly producer: TransactionalProducer;
  readonly known: KnownRows;
}

export interface PartsEvents {
  /** The stream has come to where the checkpoint is. */
  readonly resumed: (at: Progress) => void;
  readonly failed: (error: unknown) => void;
}

/** Of one session, from its settings and its beginning: connected with each other, and not with the source. */
export function sessionParts(
  options: SessionOptions,
  ground: PartsGround,
  { resumed, failed }: PartsEvents,
): SessionParts {
  const { config, metrics, log } = options;
  const { checkpoint, overlap } = ground.begun;
  // All that a full queue holds: what is let go of and made anew is garbage in the meantime.
  const pool = new ChunkPool(Math.ceil(config.max_queue_bytes / CHUNK_BYTES) + 2);
  const collector = new RowCollector(pool);
  const publisher = publisherOf(options, ground);
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
  const from = readingOptions(options, ground.source, checkpoint);
  const reading = new Reading({ ...from, overlap }, collector, {
    ...updatePolicy(config.on_update, metrics),
    others: (columns) => others.seen(columns),
    resumed: () => resumed(reading.reader.progress()),
    advanced: () => queue.advanced(),
    read: () => {
      if (queue.isFull) reading.stream.pause();
    },
    failed,
  });
  const meter = new Meter(metrics, { reading, queue });
  const watch = new SourceWatch(
    {
      source: ground.source,
      fence: options.fence,
      intervalMs: config.fence_interval,
      timeoutMs: config.fence_timeout,
      minRunwayMs: config.min_binlog_runway,
      metrics,
      log,
    },
    { reading, checkpoint: () => publisher.checkpoint, failed },
  );
  return { publisher, queue, reading, meter, watch };
}

function publisherOf(
  { config, metrics, topic, version, partitions, schemaId }: SessionOptions,
  { begun: { checkpoint, captured }, producer, known }: PartsGround,
): Publisher {
  return new Publisher({
    producer,
    packer: new RecordPacker(partitions, wireHeader(schemaId)),
    filter: config.exclude === undefined ? null : new RowFilter(config.exclude),
    known,
    topic,
    version,
    metrics,
    checkpoint,
    captured,
  });
}

function readingOptions(
  { config, version, replicaServerId, unreadable }: SessionOptions,
  source: Source,
  from: Checkpoint,
): Omit<ReadingOptions, 'overlap'> {
  return {
    source,
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
