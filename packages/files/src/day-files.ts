import { crc32c } from '@scoreline/kafka';
import type { Range, RangeChunk } from '@scoreline/landing';

import type { Codec } from './codec.ts';
import { DatumBlock } from './datum-block.ts';
import { DayFile } from './day-file.ts';
import { dayName, dayOf, endOfDay } from './days.ts';
import type { FileSystem } from './file-system.ts';
import type { NewObject } from './object-store.ts';
import type { WorkFolder } from './work-folder.ts';

export interface DayFilesOptions {
  readonly work: WorkFolder;
  readonly codec: Codec;
  readonly blockRows: number;
  readonly files: FileSystem;
  /** Blocks to use before new ones, and where used ones go: a range's last are the next range's first. */
  readonly spares: DatumBlock[];
  /** Of datums in one Avro block, and in the blocks of all days that are not written yet. */
  readonly blockBytes?: number;
  readonly bufferBytes?: number;
}

const BLOCK_BYTES = 8_000_000;
const BUFFER_BYTES = 32_000_000;
/** One that fills and one that is written; of many days' blocks the others are let go. */
const SPARES = 2;

interface OpenDay {
  readonly day: number;
  readonly file: DayFile;
  block: DatumBlock;
}

/**
 * Splits a range's rows by UTC day, in their order, into one file each. One block is compressed and
 * written while the next ones fill. When all that is buffered is too much, the largest block goes
 * out before it is full. Where blocks end depends on the rows alone, not on how they arrive.
 */
export class DayFiles {
  readonly #options: DayFilesOptions;
  readonly #range: Range;
  readonly #blockBytes: number;
  readonly #bufferBytes: number;
  readonly #days = new Map<number, OpenDay>();
  #rows = 0;
  #crc = 0;
  #buffered = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(range: Range, options: DayFilesOptions) {
    this.#range = range;
    this.#options = options;
    this.#blockBytes = options.blockBytes ?? BLOCK_BYTES;
    this.#bufferBytes = options.bufferBytes ?? BUFFER_BYTES;
  }

  async add(chunk: RangeChunk): Promise<void> {
    const { rows, datums, timestampsUs } = chunk;
    this.#rows += rows;
    this.#crc = crc32c(datums, 0, datums.length, this.#crc);
    for (let from = 0; from < rows;) {
      const day = dayOf(timestampsUs[from]!);
      const to = endOfDay(day, timestampsUs, from, rows);
      const open = this.#days.get(day) ?? (await this.#open(day));
      while (from < to) {
        const before = open.block.byteLength;
        from = open.block.take(chunk, from, to, this.#bufferBytes - this.#buffered);
        this.#buffered += open.block.byteLength - before;
        if (open.block.isFull) await this.#flush(open);
        else if (from < to) await this.#flush(this.#largest());
      }
    }
  }

  /** The finished files, by day. */
  async finish(): Promise<NewObject[]> {
    const days = [...this.#days.values()].sort((a, b) => a.day - b.day);
    for (const open of days) await this.#flush(open);
    await this.#writing;
    this.#checkWhole();
    const objects: NewObject[] = [];
    for (const { file, block } of days) {
      objects.push(await file.finish());
      this.#letGo(block);
    }
    return objects;
  }

  /** Removes what was made so far. */
  async discard(): Promise<void> {
    await this.#writing.catch(() => {});
    for (const { file } of this.#days.values())
      await this.#options.files.rm(file.path, { force: true });
  }

  async #open(day: number): Promise<OpenDay> {
    const { work, codec, blockRows, files } = this.#options;
    const name = dayName(day);
    const plan = { range: this.#range, day: name, codec: codec.name, blockRows };
    const path = await work.newPath(`${name}.avro`);
    const file = new DayFile({ plan, path, codec, files });
    const open = { day, file, block: this.#newBlock() };
    this.#days.set(day, open);
    return open;
  }

  async #flush(open: OpenDay): Promise<void> {
    const { block, file } = open;
    if (block.rows === 0) return;
    await this.#writing;
    open.block = this.#newBlock();
    this.#buffered -= block.byteLength;
    this.#writing = this.#write(file, block);
    // Whoever waits for it next is told.
    this.#writing.catch(() => {});
  }

  async #write(file: DayFile, block: DatumBlock): Promise<void> {
    await file.append(block);
    this.#letGo(block);
  }

  #newBlock(): DatumBlock {
    const { blockRows, spares } = this.#options;
    return spares.pop() ?? new DatumBlock({ rows: blockRows, bytes: this.#blockBytes });
  }

  #letGo(block: DatumBlock): void {
    const { spares } = this.#options;
    block.clear();
    if (spares.length < SPARES) spares.push(block);
  }

  #largest(): OpenDay {
    let largest: OpenDay | null = null;
    for (const open of this.#days.values())
      if (largest === null || open.block.byteLength > largest.block.byteLength) largest = open;
    if (largest === null) throw new Error('no day is open');
    return largest;
  }

  /** What is read back must be what the range is named after. */
  #checkWhole(): void {
    const { rows, crc, identity } = this.#range;
    if (this.#rows === rows && this.#crc === crc) return;
    throw new Error(
      `${identity} has ${rows} rows with CRC32C ${crc.toString(16)}, and ${this.#rows} with ${this.#crc.toString(16)} were read back`,
    );
  }
}
