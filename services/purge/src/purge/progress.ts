import type { Frontier } from './frontier.ts';

export interface ProgressLine {
  readonly deletedRows: number;
  readonly rowsPerSecond: number;
  /** About. */
  readonly leftRows: number;
  /** Null while nothing moves. */
  readonly etaSeconds: number | null;
}

const TELL_MS = 10_000;

/** How far a long run has come, and how long it still takes: said every 10 s. */
export class Progress {
  readonly #tell: (line: ProgressLine) => void;
  #frontier: Frontier = { firstId: 0, lastOldId: -1 };
  #reachedId = 0;
  /** Rows among the ids that were walked: the others are gaps. */
  #density = 1;
  #deleted = 0;
  #toldAtMs: number;
  #toldRows = 0;
  #ratePerMs = 0;

  constructor(nowMs: number, tell: (line: ProgressLine) => void) {
    this.#toldAtMs = nowMs;
    this.#tell = tell;
  }

  /** A walk begins. */
  began(frontier: Frontier, nowMs: number): void {
    this.#toldAtMs = nowMs;
    this.#toldRows = this.#deleted;
    this.#frontier = frontier;
    this.#reachedId = frontier.firstId - 1;
    this.#density = 1;
  }

  /** So many old rows were seen up to this id. */
  reached(id: number, seen: number): void {
    this.#reachedId = Math.max(this.#reachedId, id);
    const passed = id - this.#frontier.firstId + 1;
    if (passed > 0 && seen > 0) this.#density = Math.min(1, seen / passed);
  }

  /** Up to this id. */
  deleted(rows: number, id: number, nowMs: number): void {
    this.#deleted += rows;
    this.#reachedId = Math.max(this.#reachedId, id);
    const ms = nowMs - this.#toldAtMs;
    if (ms < TELL_MS) return;
    this.#ratePerMs = (this.#deleted - this.#toldRows) / ms;
    this.#toldAtMs = nowMs;
    this.#toldRows = this.#deleted;
    this.#tell(this.line());
  }

  /** The walk has come to its end. */
  ended(): void {
    this.#reachedId = this.#frontier.lastOldId;
    this.#ratePerMs = 0;
  }

  line(): ProgressLine {
    const leftRows = this.leftRows;
    return {
      deletedRows: this.#deleted,
      rowsPerSecond: Math.round(this.#ratePerMs * 1000),
      leftRows,
      etaSeconds: this.#ratePerMs > 0 ? Math.round(leftRows / this.#ratePerMs / 1000) : null,
    };
  }

  /** Old rows that are still to be looked at: ids have gaps, as many as they had so far. */
  get leftRows(): number {
    return Math.round(Math.max(0, this.#frontier.lastOldId - this.#reachedId) * this.#density);
  }
}
