import type { TimeSource } from './row-writer.ts';
import { epochSeconds, formatDateTime } from './temporal.ts';

const DATE_BYTES = 4;
const TIME_BYTES = 7;
const FRACTION_BYTES = 11;

/**
 * Reads `ts` of a binary result row: a length, then year, month, day, hour, minute, second and
 * microseconds, as far as they are not zero. Rows come in runs of the same second, so the last one is
 * remembered.
 */
export class ValueTime implements TimeSource {
  readonly #isTimestamp: boolean;
  readonly #offsetSeconds: number;
  #date = -1;
  #time = -1;
  #seconds = NaN;

  /** `isTimestamp`: it comes in the session's time zone, which must be UTC. */
  constructor(isTimestamp: boolean, utcOffsetMinutes: number) {
    this.#isTimestamp = isTimestamp;
    this.#offsetSeconds = isTimestamp ? 0 : utcOffsetMinutes * 60;
  }

  read(bytes: Uint8Array, at: number): number {
    const length = bytes[at]!;
    if (length !== DATE_BYTES && length !== TIME_BYTES && length !== FRACTION_BYTES) return NaN;
    const date = integer(bytes, at + 1, DATE_BYTES);
    const time = length > DATE_BYTES ? integer(bytes, at + 5, 3) : 0;
    if (date !== this.#date || time !== this.#time) {
      const { year, month, day, hour, minute, second } = parts(date, time);
      this.#seconds = epochSeconds(year, month, day, hour, minute, second) - this.#offsetSeconds;
      this.#date = date;
      this.#time = time;
    }
    const micros = length === FRACTION_BYTES ? integer(bytes, at + 8, 4) : 0;
    return micros > 999_999 ? NaN : this.#seconds * 1e6 + micros;
  }

  describe(bytes: Uint8Array, at: number): string {
    const length = bytes[at]!;
    const date = length < DATE_BYTES ? 0 : integer(bytes, at + 1, DATE_BYTES);
    const time = length < TIME_BYTES ? 0 : integer(bytes, at + 5, 3);
    const { year, month, day, hour, minute, second } = parts(date, time);
    if (this.#isTimestamp) {
      const seconds = epochSeconds(year, month, day, hour, minute, second);
      return `a timestamp of ${Number.isNaN(seconds) ? 0 : seconds} seconds`;
    }
    return formatDateTime(year, month, day, hour, minute, second);
  }
}

function parts(date: number, time: number) {
  return {
    year: date & 0xffff,
    month: (date >>> 16) & 0xff,
    day: date >>> 24,
    hour: time & 0xff,
    minute: (time >>> 8) & 0xff,
    second: time >>> 16,
  };
}

function integer(bytes: Uint8Array, at: number, width: 3 | 4): number {
  const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
  return width === 3 ? low : (low | (bytes[at + 3]! << 24)) >>> 0;
}
