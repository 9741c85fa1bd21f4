/** How long a DELETE should take: long enough to be worth its round trip, short enough that nobody waits for its locks. */
export const TARGET_MS = 200;
export const LEAST_ROWS = 100;
export const MOST_ROWS = 20_000;
/** A single quick or slow answer says little: of what it suggests so much is believed. */
const TRUST = 0.5;

/**
 * Rows for the next DELETE, from how long the last ones took: after pt-archiver's `--chunk-time`. It at
 * most doubles from one chunk to the next, and falls at once.
 */
export class ChunkSize {
  readonly #most: number;
  #rows = LEAST_ROWS;

  /** @param most `cleanup_default_batch_size` bounds it from above. */
  constructor(most = MOST_ROWS) {
    this.#most = Math.max(1, Math.min(most, MOST_ROWS));
    this.#rows = Math.min(LEAST_ROWS, this.#most);
  }

  get rows(): number {
    return this.#rows;
  }

  /** So many rows took so long. A chunk that was not full says nothing of a larger one. */
  took(rows: number, ms: number): void {
    if (rows === 0) return;
    const right = (rows * TARGET_MS) / Math.max(ms, 1);
    if (right < this.#rows) this.#set(right);
    else if (rows >= this.#rows) {
      this.#set(Math.min(this.#rows * 2, this.#rows + TRUST * (right - this.#rows)));
    }
  }

  /** A lock could not be had, or the statement was a victim: smaller ones stand in fewer ways. */
  collided(): void {
    this.#set(this.#rows / 2);
  }

  #set(rows: number): void {
    const least = Math.min(LEAST_ROWS, this.#most);
    this.#rows = Math.round(Math.min(this.#most, Math.max(least, rows)));
  }
}
