import { createHash } from 'node:crypto';

import { crc32c } from '@scoreline/kafka';
import { containerBlock, containerHeader, SYNC_BYTES } from '@scoreline/schema';

import { rangeIdentity, type RangeName } from './range-identity.ts';
import type { LoadedRange, RangeChunk } from './range.ts';

/** Few rows are smaller, so that rarely anything grows. */
const SMALL_ROW_BYTES = 40;
const LARGE_ROW_BYTES = 4096;

/** Of the datums in one chunk, unless a single one is larger. */
const CHUNK_BYTES = 1_000_000;

/**
 * Takes over records' bytes, once: fetched batches are views into a response that must be let go.
 * No object per record. `clear` makes it ready for the next range in the same memory.
 */
export class RangeBuilder {
  rows = 0;
  byteLength = 0;
  /** Of the record batches in it, the oldest's first timestamp. */
  oldestMs = Number.POSITIVE_INFINITY;
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
    return new BuiltRange(
      name,
      this.#bytes.subarray(0, this.byteLength),
      this.#ends.subarray(0, this.rows),
      this.#ids.subarray(0, this.rows),
      this.#timestampsUs.subarray(0, this.rows),
      this.oldestMs,
    );
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

class BuiltRange implements LoadedRange {
  readonly identity: string;
  readonly topic: string;
  readonly partition: number;
  readonly first: bigint;
  readonly last: bigint;
  readonly schema: string;
  readonly crc: number;
  readonly minId: number;
  readonly maxId: number;
  readonly minTs: number;
  readonly maxTs: number;
  readonly ids: Float64Array;
  readonly timestampsUs: Float64Array;
  readonly oldestMs: number;
  readonly #bytes: Buffer;
  readonly #ends: Uint32Array;

  constructor(
    name: RangeName,
    bytes: Buffer,
    ends: Uint32Array,
    ids: Float64Array,
    timestampsUs: Float64Array,
    oldestMs: number,
  ) {
    const { topic, partition, first, last, schema } = name;
    this.topic = topic;
    this.partition = partition;
    this.first = first;
    this.last = last;
    this.schema = schema;
    this.crc = crc32c(bytes);
    this.identity = rangeIdentity(name, this.crc);
    [this.minId, this.maxId] = extremes(ids);
    [this.minTs, this.maxTs] = extremes(timestampsUs);
    this.ids = ids;
    this.timestampsUs = timestampsUs;
    this.oldestMs = oldestMs;
    this.#bytes = bytes;
    this.#ends = ends;
  }

  get rows(): number {
    return this.ids.length;
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  async *chunks(): AsyncGenerator<RangeChunk, void, undefined> {
    for (let from = 0; from < this.rows;) {
      const chunk = this.#chunk(from);
      yield chunk;
      from += chunk.rows;
    }
  }

  async load(): Promise<LoadedRange> {
    return this;
  }

  #chunk(from: number): RangeChunk {
    const base = from === 0 ? 0 : this.#ends[from - 1]!;
    let to = from + 1;
    while (to < this.rows && this.#ends[to]! - base <= CHUNK_BYTES) to++;
    const ends = this.#ends.slice(from, to);
    for (let i = 0; i < ends.length; i++) ends[i]! -= base;
    return {
      rows: to - from,
      datums: this.#bytes.subarray(base, this.#ends[to - 1]),
      ends,
      ids: this.ids.subarray(from, to),
      timestampsUs: this.timestampsUs.subarray(from, to),
    };
  }

  datum(index: number): Buffer {
    return this.#bytes.subarray(index === 0 ? 0 : this.#ends[index - 1], this.#ends[index]);
  }

  container(): readonly Buffer[] {
    return this.#contain(this.rows, this.#bytes);
  }

  containerOf(indexes: readonly number[]): readonly Buffer[] {
    const datums = indexes.map((index) => this.datum(index));
    return this.#contain(indexes.length, Buffer.concat(datums));
  }

  #contain(rows: number, datums: Buffer): readonly Buffer[] {
    const sync = createHash('sha256').update(this.identity).digest().subarray(0, SYNC_BYTES);
    return [containerHeader(this.schema, sync), ...containerBlock(rows, datums, sync)];
  }
}

function extremes(values: Float64Array): [min: number, max: number] {
  let min = values[0] ?? 0;
  let max = min;
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return [min, max];
}

/** For reading and writing several bytes at a time, wherever they begin. */
export function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
