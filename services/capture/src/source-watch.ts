import { setTimeout as delay } from 'node:timers/promises';

import type { Source } from '@scoreline/database';
import type { BinlogPosition, Checkpoint } from '@scoreline/ledger';
import { type Logger, retry, RetryableError } from '@scoreline/service';

import { requireReached } from './binlog-end.ts';
import { BinlogGrowth } from './binlog-growth.ts';
import { runwaySeconds } from './binlog-runway.ts';
import type { CaptureMetrics } from './metrics.ts';
import type { Reading } from './reading.ts';
import type { FenceWatch } from './source-fence.ts';
import { SourcePoller, type SourceReport } from './source-poller.ts';

export interface SourceWatchOptions {
  readonly source: Source;
  readonly fence: FenceWatch;
  readonly intervalMs: number;
  /** A stream that brings nothing for so long, while the source has more, has stalled; 0 never. */
  readonly timeoutMs: number;
  readonly minRunwayMs: number;
  readonly metrics: CaptureMetrics;
  readonly log: Logger;
  /** What asks the source, if not a connection of its own. */
  readonly poller?: Pick<SourcePoller, 'ask' | 'close'>;
}

export interface Watched {
  readonly reading: {
    readonly reader: Pick<Reading['reader'], 'position'>;
    readonly stream: Pick<Reading['stream'], 'paused'>;
  };
  /** Where a restart would begin. */
  readonly checkpoint: () => Checkpoint;
  /** The stream has stalled, or its binlog is gone. */
  readonly failed: (error: unknown) => void;
}

const LOOK_MS = 500;

/**
 * Asks the source on a connection of its own where its binlog ends and how long it is kept: the stream must
 * come by there, and the checkpoint must not be purged, nor behind the end. A source that does not answer is
 * no reason to end a stream that flows.
 */
export class SourceWatch {
  readonly #options: SourceWatchOptions;
  readonly #watched: Watched;
  readonly #poller: Pick<SourcePoller, 'ask' | 'close'>;
  readonly #growth = new BinlogGrowth();
  readonly #stopping = new AbortController();
  #looking: NodeJS.Timeout | undefined;
  #runwaySeconds: number | null = null;
  #isShort = false;

  constructor(options: SourceWatchOptions, watched: Watched) {
    this.#options = options;
    this.#watched = watched;
    this.#poller = options.poller ?? new SourcePoller(options.source, watched.checkpoint().source);
  }

  start(): void {
    const { fence, intervalMs, timeoutMs } = this.#options;
    fence.begin();
    this.#poll().catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.#watched.failed(error);
    });
    const everyMs = Math.min(LOOK_MS, intervalMs, timeoutMs > 0 ? timeoutMs / 4 : LOOK_MS);
    this.#looking = setInterval(() => this.look(), everyMs);
    this.#looking.unref();
  }

  stop(): void {
    clearInterval(this.#looking);
    this.#stopping.abort();
    this.#poller.close();
    this.#options.metrics.fenceOverdue.set(0);
  }

  status() {
    const { fence } = this.#options;
    return {
      sourceEnd: fence.position && show(fence.position),
      stalledBefore: fence.missed && show(fence.missed),
      fenceOverdueSeconds: fence.overdueMs(performance.now()) / 1000,
      runwaySeconds: this.#runwaySeconds === Infinity ? 'unlimited' : this.#runwaySeconds,
    };
  }

  /** Until stopped, with which a wait or an answer that is outstanding ends. */
  async #poll(): Promise<never> {
    const { intervalMs, metrics, log, fence } = this.#options;
    const { signal } = this.#stopping;
    for (;;) {
      const { position: captured } = this.#watched.checkpoint();
      const report = await retry(() => this.#poller.ask(signal), {
        signal,
        log,
        what: 'asking the source where its binlog ends',
        minDelayMs: Math.min(intervalMs, 1_000),
        maxDelayMs: Math.max(intervalMs, 1_000),
        onFailure: () => metrics.pollFailures.inc(),
      });
      requireReached(report.position, captured);
      fence.asked(report.position, performance.now());
      this.#measureRunway(report);
      await delay(intervalMs, undefined, { signal, ref: false });
    }
  }

  /** What the timer does: how far the stream is, and whether it has stalled. */
  look(now = performance.now()): void {
    const { fence, timeoutMs, metrics } = this.#options;
    const { stream, reader } = this.#watched.reading;
    // Before the stream's first event there is no file.
    if (reader.position.file !== '') fence.read(reader.position, now);
    if (stream.paused) fence.paused(now);
    const overdueMs = fence.overdueMs(now);
    metrics.fenceOverdue.set(overdueMs / 1000);
    if (timeoutMs === 0 || overdueMs < timeoutMs) return;
    clearInterval(this.#looking);
    fence.miss();
    this.#watched.failed(stalled(overdueMs, fence.missed, reader.position));
  }

  #measureRunway(report: SourceReport): void {
    const { metrics, minRunwayMs, log } = this.#options;
    const { position, commitTimeMs } = this.#watched.checkpoint();
    const runway = runwaySeconds({
      retentionSeconds: report.retentionSeconds,
      newest: report.position,
      nowMs: report.nowMs,
      size: report.size,
      bytesPerSecond:
        report.size && this.#growth.measure(report.size.files, report.position, report.nowMs),
      position,
      commitTimeMs,
    });
    this.#runwaySeconds = runway;
    metrics.binlogRunway.measured(runway);
    const isShort = runway !== null && runway * 1000 < minRunwayMs;
    if (isShort && !this.#isShort) {
      log.warn(
        { position, runwaySeconds: Math.round(runway), retentionSeconds: report.retentionSeconds },
        'the binlog file of the checkpoint can be purged sooner than min_binlog_runway: keep binlogs for longer until capture has caught up (binlog_expire_logs_seconds)',
      );
    }
    this.#isShort = isShort;
  }
}

function stalled(
  overdueMs: number,
  fence: BinlogPosition | null,
  read: BinlogPosition,
): RetryableError {
  const seconds = Math.round(overdueMs / 1000);
  const upTo = read.file === '' ? 'nothing' : `up to ${show(read)}`;
  const end = fence === null ? 'further' : `at ${show(fence)}`;
  return new RetryableError(
    `the binlog stream has stalled: it has brought ${upTo} and no event for ${seconds} s, while the source is ${end}`,
    {
      code: 'source-stalled',
      remedy:
        "It is begun again. If that repeats, look at the Binlog Dump thread in the server's process list, and at the server's log.",
    },
  );
}

function show({ file, offset }: BinlogPosition): string {
  return `${file}:${offset}`;
}
