import type { Row } from './row.ts';

/** Without its texts a row takes less than this. */
const FIXED_BYTES = 256;

/**
 * A row as the bytes that are hashed: each value behind a byte that tells null from a value, doubles
 * as their bits, texts behind their length. No two different rows share them. The buffer is reused.
 */
export class RowBytes {
  #bytes = Buffer.alloc(4_096);
  #at = 0;

  /** Valid until the next call. */
  of(row: Row): Buffer {
    this.#at = 0;
    this.#number(row.id);
    this.#number(row.serverId);
    this.#number(row.monitorId);
    this.#number(row.tsUs);
    this.#number(row.score);
    this.#number(row.step);
    this.#number(row.offset);
    this.#number(row.rtt);
    this.#number(row.leap);
    this.#number(row.stratum);
    this.#number(row.noResponse === null ? null : Number(row.noResponse));
    this.#number(row.fromLsId);
    this.#number(row.fromSsId);
    this.#text(row.error);
    this.#text(row.warning);
    this.#text(row.attributes);
    this.#number(row.extra.length);
    for (const [name, value] of row.extra) {
      this.#text(name);
      this.#text(value);
    }
    return this.#bytes.subarray(0, this.#at);
  }

  /** Every number of a row is one that a double holds exactly. */
  #number(value: number | null): void {
    this.#bytes[this.#at++] = value === null ? 0 : 1;
    if (value !== null) this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  #text(value: string | null): void {
    this.#bytes[this.#at++] = value === null ? 0 : 1;
    if (value === null) return;
    // UTF-8 takes at most three bytes for each unit of UTF-16.
    const needed = this.#at + 4 + value.length * 3 + FIXED_BYTES;
    if (needed > this.#bytes.length) {
      const grown = Buffer.alloc(needed * 2);
      this.#bytes.copy(grown, 0, 0, this.#at);
      this.#bytes = grown;
    }
    const length = this.#bytes.write(value, this.#at + 4, 'utf8');
    this.#bytes.writeUInt32LE(length, this.#at);
    this.#at += 4 + length;
  }
}
