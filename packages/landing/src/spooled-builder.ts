import { crc32c } from '@scoreline/kafka';

import { extremes } from './built-range.ts';
import { RangeBuilder } from './range-builder.ts';
import type { RangeFiller } from './range-filler.ts';
import type { RangeName } from './range-identity.ts';
import type { RangeChunk, RangeFacts } from './range.ts';
import type { Scratch, Spool } from './spool.ts';
import { type SpooledBlock, SpooledRange } from './spooled-range.ts';

/** Few rows are smaller: where they are, the index ends the block. */
const SMALL_ROW_BYTES = 40;

type Extremes = Pick<RangeFacts, 'minId' | 'maxId' | 'minTs' | 'maxTs'>;

const NOTHING_YET: Extremes = {
  minId: Number.POSITIVE_INFINITY,
  maxId: Number.NEGATIVE_INFINITY,
  minTs: Number.POSITIVE_INFINITY,
  maxTs: Number.NEGATIVE_INFINITY,
};

/**
 * A range that may be larger than memory: blocks of records in a file, the newest one in memory.
 * That block never has to be written for the range to end, so a full disk does not keep it open; and
 * a range of less than a block has no file. Of a row nothing stays in memory, of a block its place.
 */
export class SpooledBuilder implements RangeFiller {
  oldestMs = Number.POSITIVE_INFINITY;
  isFull = false;
  readonly #spool: Spool;
  readonly #blockBytes: number;
  readonly #blockRows: number;
  #block: RangeBuilder;
  #file: Scratch | null = null;
  #blocks: SpooledBlock[] = [];
  #rowsBefore = 0;
  #bytesBefore = 0;
  #crc = 0;
  #extremes = NOTHING_YET;
  #spilling: Promise<boolean> | null = null;

  /** @param blockBytes of the datums; a block's index comes to half of it at most. */
  constructor(spool: Spool, blockBytes: number) {
    this.#spool = spool;
    this.#blockBytes = blockBytes;
    this.#blockRows = Math.ceil(blockBytes / SMALL_ROW_BYTES);
    this.#block = new RangeBuilder(blockBytes);
  }

  get rows(): number {
    return this.#rowsBefore + this.#block.rows;
  }

  get byteLength(): number {
    return this.#bytesBefore + this.#block.byteLength;
  }

  get memoryBytes(): number {
    return this.#block.byteLength;
  }

  get spooledBytes(): number {
    return this.#file?.bytes ?? 0;
  }

  append(source: DataView, from: number, to: number, id: number, timestampUs: number): void {
    const block = this.#block;
    block.append(source, from, to, id, timestampUs);
    if (block.byteLength >= this.#blockBytes || block.rows >= this.#blockRows) this.isFull = true;
  }

  async spill(): Promise<boolean> {
    this.#spilling = this.#writeBlock();
    try {
      return await this.#spilling;
    } finally {
      this.#spilling = null;
    }
  }

  async finish(name: RangeName): Promise<SpooledRange> {
    await this.#spilling;
    const tail = this.#block.chunk();
    const { rows, byteLength, oldestMs } = this;
    return new SpooledRange(
      {
        ...name,
        ...widened(this.#extremes, tail),
        rows,
        byteLength,
        oldestMs,
        crc: crc32c(tail.datums, 0, tail.datums.length, this.#crc),
      },
      { file: this.#file, blocks: this.#blocks, tail },
    );
  }

  async clear(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    this.#blocks = [];
    this.#rowsBefore = 0;
    this.#bytesBefore = 0;
    this.#crc = 0;
    this.#extremes = NOTHING_YET;
    this.oldestMs = Number.POSITIVE_INFINITY;
    this.#emptyBlock();
    if (file !== null) await this.#spool.release(file);
  }

  async #writeBlock(): Promise<boolean> {
    const block = this.#block.chunk();
    const { rows, datums } = block;
    const parts = [bytesOf(block.ids), bytesOf(block.timestampsUs), bytesOf(block.ends), datums];
    const position = this.spooledBytes;
    const file = await this.#spool.append(this.#file, parts);
    if (file === null) return false;
    this.#file = file;
    const crcBefore = this.#crc;
    this.#crc = crc32c(datums, 0, datums.length, crcBefore);
    let indexCrc = 0;
    for (const part of parts.slice(0, -1)) indexCrc = crc32c(part, 0, part.length, indexCrc);
    const crcs = { crcBefore, crc: this.#crc, indexCrc };
    this.#blocks.push({ position, rows, datumBytes: datums.length, ...crcs });
    this.#rowsBefore += rows;
    this.#bytesBefore += datums.length;
    this.#extremes = widened(this.#extremes, block);
    this.#emptyBlock();
    return true;
  }

  #emptyBlock(): void {
    // One record may be many times as large as a block: its memory is not kept.
    if (this.#block.byteLength > 2 * this.#blockBytes) {
      this.#block = new RangeBuilder(this.#blockBytes);
    } else {
      this.#block.clear();
    }
    this.isFull = false;
  }
}

function widened(before: Extremes, { rows, ids, timestampsUs }: RangeChunk): Extremes {
  if (rows === 0) return before;
  const [minId, maxId] = extremes(ids);
  const [minTs, maxTs] = extremes(timestampsUs);
  return {
    minId: Math.min(before.minId, minId),
    maxId: Math.max(before.maxId, maxId),
    minTs: Math.min(before.minTs, minTs),
    maxTs: Math.max(before.maxTs, maxTs),
  };
}

export function bytesOf({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
