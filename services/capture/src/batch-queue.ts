import type { ChunkPool } from './chunk.ts';
import type { Progress } from './reader-interface.ts';
import type { RowCollector, Rows } from './row-collector.ts';

/** What goes out in one transaction: rows, perhaps none, and how far capture is when they are out. */
export interface Batch extends Rows {
  readonly progress: Progress;
}

export interface QueueLimits {
  readonly transactionBytes: number;
  readonly transactionRows: number;
  /** Of everything that waits or is on its way. */
  readonly queueBytes: number;
  /** How long rows wait for more to go with them. */
  readonly lingerMs: number;
  /** How long a position waits that moves without rows. */
  readonly idleMs: number;
}

/**
 * Between the reader, which does not wait, and the publisher: cuts what was read into transactions, at
 * the ends of groups, and says when there is enough of it.
 */
export class BatchQueue {
  readonly #limits: QueueLimits;
  readonly #pool: ChunkPool;
  readonly #collector: RowCollector;
  readonly #progress: () => Progress;
  readonly #relieved: () => void;
  readonly #now: () => number;
  readonly #closed: Batch[] = [];
  #closedBytes = 0;
  #out: Batch | null = null;
  #firstRowAt = 0;
  #moved = false;
  #lastTakenAt: number;
  #wake: (() => void) | null = null;

  constructor(
    limits: QueueLimits,
    parts: {
      readonly pool: ChunkPool;
      readonly collector: RowCollector;
      /** Called between groups, or at the end of a part of one. */
      readonly progress: () => Progress;
      /** There is room again. */
      readonly relieved: () => void;
      readonly now?: () => number;
    },
  ) {
    this.#limits = limits;
    this.#pool = parts.pool;
    this.#collector = parts.collector;
    this.#progress = parts.progress;
    this.#relieved = parts.relieved;
    this.#now = parts.now ?? (() => performance.now());
    this.#lastTakenAt = this.#now();
  }

  get bytes(): number {
    const { endedBytes, groupBytes } = this.#collector;
    return this.#closedBytes + (this.#out?.bytes ?? 0) + endedBytes + groupBytes;
  }

  /** Commit time of the oldest row that is not out; null when there is none. */
  get oldestTimeMs(): number | null {
    const first = this.#out ?? this.#closed[0];
    return first?.rows ? first.chunks[0]!.times[0]! : this.#collector.oldestTimeMs;
  }

  get hasRows(): boolean {
    return this.#closed.length > 0 || this.#collector.endedRows > 0;
  }

  /** Whether everything that was read and may go out is out. */
  get isEmpty(): boolean {
    return !this.hasRows && this.#out === null;
  }

  /** Too much is waiting, and some of it can go: reading should pause until `relieved`. */
  get isFull(): boolean {
    return this.bytes >= this.#limits.queueBytes && this.bytes > this.#collector.groupBytes;
  }

  /** The reader is behind a group, or a part of one. */
  advanced(): void {
    const { endedRows, endedBytes } = this.#collector;
    if (endedRows === 0) {
      if (!this.#moved) this.#wakeUp();
      this.#moved = true;
      return;
    }
    if (this.#firstRowAt === 0) {
      this.#firstRowAt = this.#now();
      this.#wakeUp();
    }
    if (endedBytes >= this.#limits.transactionBytes || endedRows >= this.#limits.transactionRows) {
      this.#close();
      this.#wakeUp();
    }
  }

  /** What goes out next, as soon as there is enough of it or it has waited for long enough. */
  async next(signal: AbortSignal): Promise<Batch> {
    for (;;) {
      signal.throwIfAborted();
      const waitMs = this.#closed.length > 0 ? 0 : this.#waitMs();
      if (waitMs <= 0) return this.take();
      await this.#wait(waitMs, signal);
    }
  }

  /** What can go out at once; perhaps no rows. One at a time: tell `done` before the next. */
  take(): Batch {
    if (this.#closed.length === 0) this.#close();
    const batch = this.#closed.shift()!;
    this.#closedBytes -= batch.bytes;
    this.#out = batch;
    this.#lastTakenAt = this.#now();
    return batch;
  }

  /** The batch is out: its memory can be used again. */
  done(batch: Batch): void {
    this.#out = null;
    for (const chunk of batch.chunks) this.#pool.give(chunk);
    const canGo = this.bytes > this.#collector.groupBytes;
    if (!canGo || this.bytes < this.#limits.queueBytes / 2) this.#relieved();
  }

  #close(): void {
    this.#firstRowAt = 0;
    this.#moved = false;
    const batch = { ...this.#collector.take(), progress: this.#progress() };
    this.#closed.push(batch);
    this.#closedBytes += batch.bytes;
  }

  #waitMs(): number {
    if (this.#firstRowAt > 0) return this.#firstRowAt + this.#limits.lingerMs - this.#now();
    if (this.#moved) return this.#lastTakenAt + this.#limits.idleMs - this.#now();
    return Number.POSITIVE_INFINITY;
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#wake = null;
        resolve();
      };
      const timer = Number.isFinite(ms) ? setTimeout(done, Math.max(1, ms)) : undefined;
      signal.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }

  #wakeUp(): void {
    this.#wake?.();
  }
}
