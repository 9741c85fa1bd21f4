import { setTimeout as delay } from 'node:timers/promises';

import {
  type BinlogPosition,
  BUCKET_IDS,
  bucketOf,
  type CapturedIds,
  type Reconcile,
} from '@scoreline/ledger';
import type { Block } from '@scoreline/schema';
import type { Logger } from '@scoreline/service';

import { type Chunk, ChunkPool } from './chunk.ts';
import type { CaptureMetrics } from './metrics.ts';
import type { CheckpointChange } from './publisher.ts';
import type { RateLimit } from './rate-limit.ts';
import { reconcileStatus } from './reconcile-status.ts';

/** The captured table, read by primary key: every statement a transaction of its own, without locks. */
export interface ReconcileTable {
  /** Ids that it holds from `from` to `to`, both inclusive, ascending. */
  ids(from: number, to: number): Promise<Float64Array>;
  /** The smallest id that it holds from `from` on; null when there is none. */
  firstId(from: number): Promise<number | null>;
  /** The end of the binlog now. */
  position(): Promise<BinlogPosition>;
  /**
   * Appends the rows of these ids, ascending, as many as fit; some may be gone. Returns the last id that
   * was looked for.
   */
  rows(ids: Float64Array, block: Block): Promise<number>;
}

export interface ReconcilerOptions {
  readonly progress: Reconcile;
  readonly table: ReconcileTable;
  readonly captured: CapturedIds;
  readonly publish: (chunks: readonly Chunk[], change: CheckpointChange) => Promise<void>;
  /** Resolves when every row that the stream has before a position is published. */
  readonly caughtUp: (position: BinlogPosition) => Promise<void>;
  /** Between two buckets, when nothing that was read is still to be published. */
  readonly between: () => Promise<void>;
  readonly rate: RateLimit;
  readonly metrics: Pick<CaptureMetrics, 'reconcileRows' | 'reconcileRemaining' | 'auditMissing'>;
  readonly log: Logger;
}

/** How often progress without rows is saved, and how often it is told. */
const SAVE_EVERY_MS = 1_000;
const SAY_EVERY_MS = 10_000;
const FOUND =
  'the audit found rows that the stream had not brought; they are published now, and it should be found out why';

/**
 * Fills the ledger's holes from the table, bucket by bucket, beside the stream. What it needs is that
 * everything the table held at `p0`, where the stream began, can be seen by a SELECT.
 *
 * A bucket's ids are read, then the end of the binlog, x. When the stream's rows before x are published,
 * every id that was seen and is not in the ledger was committed before `p0`: the stream will not bring
 * it, neither now nor after any restart. So no row can come twice, and none needs to be expected twice.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #pool = new ChunkPool(1);
  readonly #beganAtMs = Date.now();
  #progress: Reconcile;
  #savedAt = performance.now();
  #saidAt = performance.now();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#progress = options.progress;
  }

  status() {
    return reconcileStatus(this.#progress, {
      beganAtMs: this.#beganAtMs,
      beganAtId: this.#options.progress.next,
      nowMs: Date.now(),
    });
  }

  /** @throws whatever ends the session; the next one goes on with the last bucket that was saved. */
  async run(signal: AbortSignal): Promise<void> {
    const { table, metrics, log } = this.#options;
    log.info(this.status(), 'reconciling: reading the table for rows that are not captured');
    for (;;) {
      signal.throwIfAborted();
      await this.#options.between();
      const { next, to } = this.#progress;
      const first = next > to ? null : await table.firstId(next);
      if (first === null || first > to) break;
      const end = Math.min(to, (bucketOf(first) + 1) * BUCKET_IDS - 1);
      await this.#bucket(first, end, signal);
      await this.#done(end + 1);
    }
    await this.#options.publish([], { reconcile: null });
    metrics.reconcileRemaining.set(0);
    const { published, reason } = this.#progress;
    metrics.auditMissing.inc(reason === 'audit' ? published : 0);
    if (reason === 'audit' && published > 0) log.error(this.status(), FOUND);
    else
      log.info({ reason, published }, 'reconciled: the topic has every row that the table holds');
  }

  async #bucket(from: number, to: number, signal: AbortSignal): Promise<void> {
    const { table, captured, caughtUp, log } = this.#options;
    const held = await table.ids(from, to);
    await caughtUp(await table.position());
    let missing = held.filter((id) => !captured.has(id));
    const { length } = missing;
    const before = this.#progress.published;
    while (missing.length > 0) {
      signal.throwIfAborted();
      const last = await this.#chunk(missing, signal);
      const rest = missing.findIndex((id) => id > last);
      missing = rest < 0 ? missing.subarray(0, 0) : missing.subarray(rest);
    }
    const gone = length - (this.#progress.published - before);
    if (gone > 0) log.warn({ from, to, gone }, 'rows were deleted before they were captured');
  }

  async #chunk(ids: Float64Array, signal: AbortSignal): Promise<number> {
    const { table, publish, rate, metrics } = this.#options;
    const chunk = this.#pool.take();
    const { block } = chunk;
    const last = await table.rows(ids, block);
    const { rows } = block;
    if (rows > 0) {
      chunk.stampOwn();
      const progress = { ...this.#progress, published: this.#progress.published + rows };
      await publish([chunk], { reconcile: progress });
      this.#progress = progress;
      this.#savedAt = performance.now();
      // Less those that the filter has cut out.
      metrics.reconcileRows.inc(block.rows);
    }
    this.#pool.give(chunk);
    await delay(rate.waitMs(rows), undefined, { signal });
    return last;
  }

  async #done(next: number): Promise<void> {
    const { publish, metrics, log } = this.#options;
    this.#progress = { ...this.#progress, next };
    metrics.reconcileRemaining.set(Math.max(0, this.#progress.to - next + 1));
    const now = performance.now();
    if (now - this.#saidAt > SAY_EVERY_MS) {
      this.#saidAt = now;
      log.info(this.status(), 'reconciling');
    }
    if (now - this.#savedAt < SAVE_EVERY_MS) return;
    this.#savedAt = now;
    await publish([], { reconcile: this.#progress });
  }
}
