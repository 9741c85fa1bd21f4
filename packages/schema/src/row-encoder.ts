import { AttributesEncoder } from './attributes-encoder.ts';
import type { Block } from './block.ts';
import type { Column } from './columns.ts';
import { imageText } from './image-text.ts';
import { RowError } from './row-error.ts';
import * as layout from './row-layout.ts';
import { RowWriter } from './row-writer.ts';
import { TimeReader } from './time-reader.ts';
import { type TopicVersion, VERSION_1 } from './topic-version.ts';

export interface RowEncoderOptions {
  /** What a DATETIME of the source is ahead of UTC, minutes. */
  readonly utcOffsetMinutes?: number;
  /** Of the records that are made. */
  readonly version?: TopicVersion;
}

/**
 * Turns row images of one table map, as rows events of the binlog hold them with every column
 * present, into LogScore datums at the end of a block: bytes to bytes, without an object for a row.
 *
 * The image is walked once to find its columns, which may be in any order and among others that are
 * passed over or kept, then written in the record's order.
 *
 * @throws RangeError from the constructor when the columns do not fit.
 */
export class RowEncoder {
  readonly #layout: layout.RowLayout;
  readonly #writer: RowWriter;

  constructor(
    columns: readonly Column[],
    { utcOffsetMinutes = 0, version = VERSION_1 }: RowEncoderOptions = {},
  ) {
    this.#layout = layout.rowLayout(columns, version);
    const { bySlot, extra, added, others } = this.#layout;
    const charset = bySlot[layout.ATTRIBUTES]?.charset ?? 'utf8mb4';
    this.#writer = new RowWriter({
      widths: Uint8Array.from(bySlot, (column) => (column ? layout.widthOf(column) : 0)),
      unsigned: bySlot.map((column) => column?.unsigned ?? false),
      time: new TimeReader(bySlot[layout.TS]!, utcOffsetMinutes),
      attributes: new AttributesEncoder(charset),
      charset,
      extra: extra.map((column) => ({ name: column.name, text: imageText(column) })),
      added: version.added.map(({ family }, index) => ({
        family,
        width: added[index] ? layout.widthOf(added[index]) : 0,
        unsigned: added[index]?.unsigned ?? false,
      })),
      others,
    });
  }

  /**
   * Appends the row at `at` to the block, or leaves the block as it was. `end` is where the event's
   * rows end, before its checksum. Returns the position after the row.
   *
   * @throws RowError, naming the row's id and the column.
   */
  encode(buffer: Buffer, at: number, end: number, block: Block): number {
    const after = this.#locate(buffer, at, end);
    this.#writer.write(buffer, block);
    return after;
  }

  /** Finds each column of the row. */
  #locate(buffer: Buffer, at: number, end: number): number {
    const { columns, slots, widths, nullBytes, lengths } = this.#layout;
    const { positions, lengths: byteLengths } = this.#writer;
    let p = at + nullBytes;
    for (let i = 0; i < columns; i++) {
      const slot = slots[i]!;
      if ((buffer[at + (i >> 3)]! & (1 << (i & 7))) !== 0) {
        positions[slot] = -1;
        continue;
      }
      const width = widths[i]!;
      if (width === 0) {
        const lengthBytes = lengths[i]!;
        if (p + lengthBytes > end) throw this.#cutShort(slot);
        const length = readLength(buffer, p, lengthBytes);
        p += lengthBytes;
        positions[slot] = p;
        byteLengths[slot] = length;
        p += length;
      } else {
        positions[slot] = p;
        p += width;
      }
    }
    if (p > end) throw this.#cutShort(slots[columns - 1]!);
    return p;
  }

  #cutShort(slot: number): RowError {
    const name = layout.slotName(slot, this.#layout.others);
    return new RowError(name, null, 'the row image ends before or within it');
  }
}

function readLength(buffer: Buffer, at: number, bytes: number): number {
  let length = 0;
  for (let i = bytes - 1; i >= 0; i--) length = length * 256 + buffer[at + i]!;
  return length;
}
