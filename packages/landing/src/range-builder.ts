import { BuiltRange } from './built-range.ts';
import type { RangeFiller } from './range-filler.ts';
import type { RangeName } from './range-identity.ts';
import type { LoadedRange, RangeChunk } from './range.ts';

/** Few rows are smaller, so that rarely anything grows. */
const SMALL_ROW_BYTES = 40;
const LARGE_ROW_BYTES = 4096;

/**
 * Takes over records' bytes, once: fetched batches are views into a response that must be let go.
 * No object per record. `clear` makes it ready for the next range in the same memory.
 */
export class RangeBuilder implements RangeFiller {
  rows = 0;
  byteLength = 0;
  oldestMs = Number.POSITIVE_INFINITY;
  readonly isFull = false;
  readonly spooledBytes = 0;
  #bytes: Buffer;
  #view: DataView;
  #ends: Uint32Array;
  #ids: Float64Array;
  #timestampsUs: Float64Array;

  /**
   * @param bytes how many a range usually has at most. They are taken at once, since the system
   * counts pages only when they are written to; a range that needs more makes them grow.
   */
  constructor(bytes: number) {
    const rows = Math.ceil(bytes / SMALL_ROW_BYTES);
    this.#bytes = Buffer.allocUnsafeSlow(bytes + LARGE_ROW_BYTES);
    this.#view = viewOf(this.#bytes);
    this.#ends = new Uint32Array(rows);
    this.#ids = new Float64Array(rows);
    this.#timestampsUs = new Float64Array(rows);
  }

  get memoryBytes(): number {
    return this.byteLength;
  }

  append(source: DataView, from: number, to: number, id: number, timestampUs: number): void {
    let at = this.byteLength;
    const end = at + to - from;
    if (end > this.#bytes.length) this.#growBytes(end);
    if (this.rows === this.#ends.length) this.#growRows();
    const target = this.#view;
    // Datums have about a hundred bytes: a call into native code costs twice as much as this loop,
    // and one byte at a time thrice.
    let i = from;
    for (; to - i >= 4; i += 4, at += 4) target.setInt32(at, source.getInt32(i));
    for (; i < to; i++, at++) target.setUint8(at, source.getUint8(i));
    this.#ends[this.rows] = end;
    this.#ids[this.rows] = id;
    this.#timestampsUs[this.rows] = timestampUs;
    this.rows++;
    this.byteLength = end;
  }

  /** The range, over this builder's memory: valid until `clear` or the next `append`. */
  finish(name: RangeName): LoadedRange {
    return new BuiltRange(name, this.chunk(), this.oldestMs);
  }

  /** All of it, over this builder's memory, as a piece of a larger range. */
  chunk(): RangeChunk {
    return {
      rows: this.rows,
      datums: this.#bytes.subarray(0, this.byteLength),
      ends: this.#ends.subarray(0, this.rows),
      ids: this.#ids.subarray(0, this.rows),
      timestampsUs: this.#timestampsUs.subarray(0, this.rows),
    };
  }

  /** Never asked for: what does not fit makes it grow. */
  async spill(): Promise<boolean> {
    return true;
  }

  clear(): void {
    this.rows = 0;
    this.byteLength = 0;
    this.oldestMs = Number.POSITIVE_INFINITY;
  }

  #growBytes(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.byteLength);
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }

  #growRows(): void {
    const rows = this.#ends.length * 2 + 1;
    const ends = new Uint32Array(rows);
    ends.set(this.#ends);
    const ids = new Float64Array(rows);
    ids.set(this.#ids);
    const timestampsUs = new Float64Array(rows);
    timestampsUs.set(this.#timestampsUs);
    this.#ends = ends;
    this.#ids = ids;
    this.#timestampsUs = timestampsUs;
  }
}

/** For reading and writing several bytes at a time, wherever they begin. */
export function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
