/** At most so many rows in each such time: what the archiver's operators have set. */
export class Allowance {
  readonly #rows: number;
  readonly #intervalMs: number;
  #beganAtMs = Number.NEGATIVE_INFINITY;
  #taken = 0;

  constructor({ rows, intervalMs }: { readonly rows: number; readonly intervalMs: number }) {
    this.#rows = rows;
    this.#intervalMs = intervalMs;
  }

  /** How long to wait until so many more may be deleted; 0 when that is now. */
  waitMs(rows: number, nowMs: number): number {
    const leftMs = this.#beganAtMs + this.#intervalMs - nowMs;
    // A clock that was set back does not make it longer.
    if (leftMs <= 0 || leftMs > this.#intervalMs) return 0;
    return this.#taken + rows <= this.#rows ? 0 : leftMs;
  }

  took(rows: number, nowMs: number): void {
    const isOver = this.#beganAtMs + this.#intervalMs <= nowMs || nowMs < this.#beganAtMs;
    if (isOver) {
      this.#beganAtMs = nowMs;
      this.#taken = 0;
    }
    this.#taken += rows;
  }
}
