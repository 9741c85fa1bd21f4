import type { RangeChunk } from '@scoreline/landing';

/** How much one Avro block may hold. */
export interface BlockLimits {
  readonly rows: number;
  readonly bytes: number;
}

const FIRST_BYTES = 4096;

/** Datums that will be one Avro block: copied once, many rows at a time. */
export class DatumBlock {
  rows = 0;
  byteLength = 0;
  minId = Number.POSITIVE_INFINITY;
  maxId = Number.NEGATIVE_INFINITY;
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  readonly #limits: BlockLimits;

  constructor(limits: BlockLimits) {
    this.#limits = limits;
  }

  get isFull(): boolean {
    return this.rows === this.#limits.rows;
  }

  /** Valid until the next `take` or `clear`. */
  get datums(): Buffer {
    return this.#bytes.subarray(0, this.byteLength);
  }

  /**
   * Takes rows from `from` on, at most up to `to`, as many as there is room for: in the block, and in
   * `roomBytes`. An empty one takes any row. Returns the first row not taken.
   */
  take({ datums, ends, ids }: RangeChunk, from: number, to: number, roomBytes: number): number {
    const start = from === 0 ? 0 : ends[from - 1]!;
    const lastRow = Math.min(to, from + this.#limits.rows - this.rows);
    const lastByte = start + Math.min(this.#limits.bytes - this.byteLength, roomBytes);
    let row = from;
    for (; row < lastRow; row++) {
      if (ends[row]! > lastByte && !(this.rows === 0 && row === from)) break;
      const id = ids[row]!;
      if (id < this.minId) this.minId = id;
      if (id > this.maxId) this.maxId = id;
    }
    if (row === from) return from;
    const end = ends[row - 1]!;
    this.#reserve(end - start);
    datums.copy(this.#bytes, this.byteLength, start, end);
    this.byteLength += end - start;
    this.rows += row - from;
    return row;
  }

  clear(): void {
    this.rows = 0;
    this.byteLength = 0;
    this.minId = Number.POSITIVE_INFINITY;
    this.maxId = Number.NEGATIVE_INFINITY;
  }

  #reserve(bytes: number): void {
    const needed = this.byteLength + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.byteLength);
    this.#bytes = grown;
  }
}
