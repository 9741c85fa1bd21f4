import { crc32c } from '@scoreline/kafka';

import { loadRange } from './load-range.ts';
import { rangeIdentity, type RangeName } from './range-identity.ts';
import type { LoadedRange, Range, RangeChunk, RangeFacts } from './range.ts';
import type { Scratch } from './spool.ts';

/** Where a block is in the file: ids, times and ends, one array after the other, and the datums. */
export interface SpooledBlock {
  readonly position: number;
  readonly rows: number;
  readonly datumBytes: number;
  /** CRC32C of the range's datums before the block and with it. */
  readonly crcBefore: number;
  readonly crc: number;
  readonly indexCrc: number;
}

export interface SpooledRecords {
  /** Null while there are no blocks. */
  readonly file: Scratch | null;
  readonly blocks: readonly SpooledBlock[];
  /** The last records, which are in memory. */
  readonly tail: RangeChunk;
}

export interface SpooledFacts extends RangeFacts, RangeName {
  readonly byteLength: number;
  readonly oldestMs: number;
}

const ID_BYTES = 8;
const TIME_BYTES = 8;
const END_BYTES = 4;

/** A range whose records are in a file, the last ones in memory. Every block that is read is compared with its checksums. */
export class SpooledRange implements Range {
  readonly identity: string;
  readonly topic: string;
  readonly partition: number;
  readonly first: bigint;
  readonly last: bigint;
  readonly schema: string;
  readonly rows: number;
  readonly byteLength: number;
  readonly minId: number;
  readonly maxId: number;
  readonly minTs: number;
  readonly maxTs: number;
  readonly crc: number;
  readonly oldestMs: number;
  readonly #name: RangeName;
  readonly #records: SpooledRecords;

  constructor(facts: SpooledFacts, records: SpooledRecords) {
    this.identity = rangeIdentity(facts, facts.crc);
    this.topic = facts.topic;
    this.partition = facts.partition;
    this.first = facts.first;
    this.last = facts.last;
    this.schema = facts.schema;
    this.rows = facts.rows;
    this.byteLength = facts.byteLength;
    this.minId = facts.minId;
    this.maxId = facts.maxId;
    this.minTs = facts.minTs;
    this.maxTs = facts.maxTs;
    this.crc = facts.crc;
    this.oldestMs = facts.oldestMs;
    this.#name = facts;
    this.#records = records;
  }

  async *chunks(): AsyncGenerator<RangeChunk, void, undefined> {
    const { file, blocks, tail } = this.#records;
    let buffer = new ArrayBuffer(0);
    for (const block of blocks) {
      const bytes = block.rows * (ID_BYTES + TIME_BYTES + END_BYTES) + block.datumBytes;
      if (bytes > buffer.byteLength) buffer = new ArrayBuffer(bytes);
      yield await readBlock(file!, block, new Uint8Array(buffer, 0, bytes));
    }
    if (tail.rows > 0) yield tail;
  }

  load(): Promise<LoadedRange> {
    return loadRange(this, this.#name);
  }
}

async function readBlock(
  file: Scratch,
  { position, rows, datumBytes, crcBefore, crc, indexCrc }: SpooledBlock,
  target: Uint8Array<ArrayBuffer>,
): Promise<RangeChunk> {
  await file.read(target, position);
  const { buffer } = target;
  const timesAt = rows * ID_BYTES;
  const endsAt = timesAt + rows * TIME_BYTES;
  const datumsAt = endsAt + rows * END_BYTES;
  const datums = Buffer.from(buffer, datumsAt, datumBytes);
  if (crc32c(target, 0, datumsAt) !== indexCrc) file.damaged();
  if (crc32c(datums, 0, datumBytes, crcBefore) !== crc) file.damaged();
  return {
    rows,
    datums,
    ends: new Uint32Array(buffer, endsAt, rows),
    ids: new Float64Array(buffer, 0, rows),
    timestampsUs: new Float64Array(buffer, timesAt, rows),
  };
}
