import { createHash } from 'node:crypto';

import { crc32c } from '@scoreline/kafka';
import { containerBlock, containerHeader, SYNC_BYTES } from '@scoreline/schema';

import { rangeIdentity, type RangeName } from './range-identity.ts';
import type { LoadedRange, RangeChunk } from './range.ts';

/** Of the datums in one chunk, unless a single one is larger. */
const CHUNK_BYTES = 1_000_000;

/** See `LoadedRange`. */
export class BuiltRange implements LoadedRange {
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

  /** @param all its records, in buffers that it takes over. */
  constructor(name: RangeName, all: RangeChunk, oldestMs: number) {
    const { topic, partition, first, last, schema } = name;
    const { datums, ends, ids, timestampsUs } = all;
    this.topic = topic;
    this.partition = partition;
    this.first = first;
    this.last = last;
    this.schema = schema;
    this.crc = crc32c(datums);
    this.identity = rangeIdentity(name, this.crc);
    [this.minId, this.maxId] = extremes(ids);
    [this.minTs, this.maxTs] = extremes(timestampsUs);
    this.ids = ids;
    this.timestampsUs = timestampsUs;
    this.oldestMs = oldestMs;
    this.#bytes = datums;
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
    return this.#bytes.subarray(this.#begin(index), this.#ends[index]);
  }

  container(): readonly Buffer[] {
    return this.#contain(this.rows, this.#bytes);
  }

  containerOf(indexes: Uint32Array): readonly Buffer[] {
    let bytes = 0;
    for (const index of indexes) bytes += this.#ends[index]! - this.#begin(index);
    const datums = Buffer.allocUnsafeSlow(bytes);
    let at = 0;
    for (const index of indexes) {
      at += this.#bytes.copy(datums, at, this.#begin(index), this.#ends[index]);
    }
    return this.#contain(indexes.length, datums);
  }

  #begin(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  #contain(rows: number, datums: Buffer): readonly Buffer[] {
    const sync = createHash('sha256').update(this.identity).digest().subarray(0, SYNC_BYTES);
    return [containerHeader(this.schema, sync), ...containerBlock(rows, datums, sync)];
  }
}

export function extremes(values: Float64Array): [min: number, max: number] {
  let min = values[0] ?? 0;
  let max = min;
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return [min, max];
}
