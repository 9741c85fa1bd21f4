import type { Column } from './columns.ts';
import { MYSQL } from './mysql-types.ts';
import type { TimeSource } from './row-writer.ts';
import { datetimeSeconds, formatDateTime, fractionMicros } from './temporal.ts';

/** Reads `ts` of row images. Rows come in runs of the same second, so the last one is remembered. */
export class TimeReader implements TimeSource {
  readonly #isTimestamp: boolean;
  readonly #decimals: number;
  readonly #offsetSeconds: number;
  #high = -1;
  #low = 0;
  #seconds = 0;

  constructor({ type, decimals }: Column, utcOffsetMinutes: number) {
    this.#isTimestamp = type === MYSQL.TIMESTAMP2;
    this.#decimals = decimals;
    this.#offsetSeconds = utcOffsetMinutes * 60;
  }

  read(bytes: Uint8Array, at: number): number {
    if (this.#isTimestamp) {
      const seconds = bigEndian(bytes, at);
      const micros = fractionMicros(bytes, at + 4, this.#decimals);
      // MariaDB 11.5 and later count on, unsigned, behind 2038.
      return seconds === 0 && micros === 0 ? NaN : seconds * 1e6 + micros;
    }
    const high = bytes[at]!;
    const low = bigEndian(bytes, at + 1);
    if (high !== this.#high || low !== this.#low) {
      this.#seconds = datetimeSeconds(high, low) - this.#offsetSeconds;
      this.#high = high;
      this.#low = low;
    }
    return this.#seconds * 1e6 + fractionMicros(bytes, at + 5, this.#decimals);
  }

  describe(bytes: Uint8Array, at: number): string {
    if (this.#isTimestamp) return `a timestamp of ${bigEndian(bytes, at)} seconds`;
    const low = bigEndian(bytes, at + 1);
    const date = (bytes[at]! & 0x7f) * 0x8000 + (low >>> 17);
    const yearMonth = date >>> 5;
    return formatDateTime(
      Math.floor(yearMonth / 13),
      yearMonth % 13,
      date & 31,
      (low >>> 12) & 31,
      (low >>> 6) & 63,
      low & 63,
    );
  }
}

function bigEndian(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}
