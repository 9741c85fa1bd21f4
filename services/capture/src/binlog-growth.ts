import type { BinlogFile } from '@scoreline/database';
import { type BinlogPosition, fileNumber } from '@scoreline/ledger';

/** A rate is believed after so long, and measured anew after so long. */
const LEAST_MS = 60_000;
const WINDOW_MS = 3_600_000;

/** How fast the source writes its binlog, from how far it was at two times. */
export class BinlogGrowth {
  #since: { readonly end: BinlogPosition; readonly atMs: number } | null = null;
  #bytesPerSecond: number | null = null;

  /** Null until enough time has passed. `files` are all that there are, `end` is where they end. */
  measure(files: readonly BinlogFile[], end: BinlogPosition, nowMs: number): number | null {
    const since = this.#since;
    if (since === null || !files.some(({ name }) => name === since.end.file)) {
      this.#since = { end, atMs: nowMs };
      return this.#bytesPerSecond;
    }
    const elapsedMs = nowMs - since.atMs;
    if (elapsedMs >= LEAST_MS) {
      const written = bytesFrom(files, since.end.file) - since.end.offset;
      this.#bytesPerSecond = (Math.max(0, written) / elapsedMs) * 1000;
    }
    if (elapsedMs >= WINDOW_MS) this.#since = { end, atMs: nowMs };
    return this.#bytesPerSecond;
  }
}

/** Bytes of a file and of all behind it. */
export function bytesFrom(files: readonly BinlogFile[], file: string): number {
  return files
    .filter(({ name }) => fileNumber(name) >= fileNumber(file))
    .reduce((sum, { bytes }) => sum + bytes, 0);
}
