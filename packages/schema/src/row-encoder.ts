import { AttributesEncoder } from './attributes-encoder.ts';
import { writeAbsent } from './attributes-scan.ts';
import { writeLong } from './avro-write.ts';
import type { Block } from './block.ts';
import type { Column } from './columns.ts';
import { RowError } from './row-error.ts';
import * as layout from './row-layout.ts';
import { readInteger, writeDouble } from './row-values.ts';
import { TimeReader } from './time-reader.ts';

export interface RowEncoderOptions {
  /** What a DATETIME of the source is ahead of UTC, minutes. */
  readonly utcOffsetMinutes?: number;
}

/** More than the fields before `leap` can take. */
const HEAD_BYTES = 96;
const MAX_INT = 0x7fff_ffff;
/** Beyond these, avsc, by which most readers in JavaScript read the topic, refuses longs or errs. */
const MIN_TS = -(2 ** 52);
const MAX_TS = Number.MAX_SAFE_INTEGER - 1;

/**
 * Turns row images of one table map, as rows events of the binlog hold them with every column
 * present, into LogScore datums at the end of a block: bytes to bytes, without an object for a row.
 *
 * The image is walked once to find its columns, which may be in any order, then written in the
 * record's order.
 *
 * @throws RangeError from the constructor when the columns do not fit.
 */
export class RowEncoder {
  readonly #layout: layout.RowLayout;
  readonly #widths: Uint8Array;
  readonly #unsigned: readonly boolean[];
  readonly #time: TimeReader;
  readonly #attributes: AttributesEncoder;
  /** By slot: where its value stands in the row at hand; -1 = NULL or no such column. */
  readonly #positions = new Int32Array(layout.SLOTS.length).fill(-1);
  #attributesLength = 0;

  constructor(columns: readonly Column[], { utcOffsetMinutes = 0 }: RowEncoderOptions = {}) {
    this.#layout = layout.rowLayout(columns);
    const { bySlot } = this.#layout;
    this.#widths = Uint8Array.from(bySlot, (column) => (column ? layout.widthOf(column) : 0));
    this.#unsigned = bySlot.map((column) => column?.unsigned ?? false);
    this.#time = new TimeReader(bySlot[layout.TS]!, utcOffsetMinutes);
    this.#attributes = new AttributesEncoder(bySlot[layout.ATTRIBUTES]?.charset ?? 'utf8mb4');
  }

  /**
   * Appends the row at `at` to the block, or leaves the block as it was. `end` is where the event's
   * rows end, before its checksum. Returns the position after the row.
   *
   * @throws RowError, naming the row's id and the column.
   */
  encode(buffer: Buffer, at: number, end: number, block: Block): number {
    const after = this.#locate(buffer, at, end);
    const positions = this.#positions;
    const id = this.#readId(buffer);
    const serverId = this.#readKey(buffer, layout.SERVER_ID);
    const timestampUs = this.#readTime(buffer);
    const text = positions[layout.ATTRIBUTES]!;
    const textLength = text < 0 ? 0 : this.#attributesLength;

    block.reserve(HEAD_BYTES + this.#attributes.maxBytes(textLength));
    const { bytes } = block;
    let w = writeLong(bytes, block.byteLength, id);
    w = writeLong(bytes, w, serverId);
    if (positions[layout.MONITOR_ID]! < 0) bytes[w++] = 0;
    else {
      bytes[w++] = 2;
      w = writeLong(bytes, w, this.#readKey(buffer, layout.MONITOR_ID));
    }
    w = writeLong(bytes, w, timestampUs);
    w = this.#writeDouble(buffer, layout.SCORE, bytes, w);
    w = this.#writeDouble(buffer, layout.STEP, bytes, w);
    if (positions[layout.OFFSET]! < 0) bytes[w++] = 0;
    else {
      bytes[w++] = 2;
      w = this.#writeDouble(buffer, layout.OFFSET, bytes, w);
    }
    if (positions[layout.RTT]! < 0) bytes[w++] = 0;
    else {
      bytes[w++] = 2;
      w = writeLong(bytes, w, this.#readRtt(buffer));
    }
    if (text < 0) w = writeAbsent(bytes, w);
    else {
      w = this.#attributes.encode(buffer, text, text + textLength, bytes, w);
      if (w < 0) throw this.#error(buffer, layout.ATTRIBUTES, this.#notText());
    }
    block.push(w, id, serverId, timestampUs);
    return after;
  }

  /** Finds each column of the row. */
  #locate(buffer: Buffer, at: number, end: number): number {
    const { columns, slots, widths, nullBytes, lengthBytes } = this.#layout;
    const positions = this.#positions;
    let p = at + nullBytes;
    for (let i = 0; i < columns; i++) {
      const slot = slots[i]!;
      if ((buffer[at + (i >> 3)]! & (1 << (i & 7))) !== 0) {
        positions[slot] = -1;
        continue;
      }
      const width = widths[i]!;
      if (width === 0) {
        if (p + lengthBytes > end) throw cutShort(slot);
        this.#attributesLength = readLength(buffer, p, lengthBytes);
        p += lengthBytes;
        positions[slot] = p;
        p += this.#attributesLength;
      } else {
        positions[slot] = p;
        p += width;
      }
    }
    if (p > end) throw cutShort(slots[columns - 1]!);
    return p;
  }

  #readId(buffer: Buffer): number {
    const at = this.#required(buffer, layout.ID);
    const width = this.#widths[layout.ID]!;
    const unsigned = this.#unsigned[layout.ID]!;
    const low = readInteger(buffer, at, width === 8 ? 4 : width, width === 8 || unsigned);
    const high = width === 8 ? readInteger(buffer, at + 4, 4, unsigned) : 0;
    if (high < 0 || low < 0 || (high === 0 && low === 0)) {
      throw this.#error(buffer, layout.ID, 'it is below 1');
    }
    if (high > 0x1f_ffff) throw this.#error(buffer, layout.ID, 'it is above 2^53 - 1');
    return high * 0x1_0000_0000 + low;
  }

  #readKey(buffer: Buffer, slot: number): number {
    const at = this.#required(buffer, slot);
    const value = readInteger(buffer, at, this.#widths[slot]!, this.#unsigned[slot]!);
    if (value < 0) throw this.#error(buffer, slot, `it is negative (${value})`);
    return value;
  }

  #readTime(buffer: Buffer): number {
    const at = this.#required(buffer, layout.TS);
    const micros = this.#time.read(buffer, at);
    if (micros >= MIN_TS && micros <= MAX_TS) return micros;
    const value = this.#time.describe(buffer, at);
    throw this.#error(
      buffer,
      layout.TS,
      Number.isNaN(micros)
        ? `${value} is no date and time`
        : `${value} is outside the years 1828 to 2254, whose microseconds every reader reads exactly`,
    );
  }

  #readRtt(buffer: Buffer): number {
    const at = this.#positions[layout.RTT]!;
    const unsigned = this.#unsigned[layout.RTT]!;
    const value = readInteger(buffer, at, this.#widths[layout.RTT]!, unsigned);
    if (value > MAX_INT) throw this.#error(buffer, layout.RTT, `${value} is above 2^31 - 1`);
    return value;
  }

  #writeDouble(buffer: Buffer, slot: number, target: Buffer, at: number): number {
    return writeDouble(buffer, this.#required(buffer, slot), this.#widths[slot]!, target, at);
  }

  #required(buffer: Buffer, slot: number): number {
    const at = this.#positions[slot]!;
    if (at < 0) throw this.#error(buffer, slot, 'it is NULL');
    return at;
  }

  #notText(): string {
    return `its bytes are not ${this.#layout.bySlot[layout.ATTRIBUTES]?.charset}`;
  }

  #error(buffer: Buffer, slot: number, message: string): RowError {
    const at = this.#positions[layout.ID]!;
    const width = this.#widths[layout.ID]!;
    const unsigned = this.#unsigned[layout.ID]!;
    let id: string | null = null;
    if (at >= 0 && width < 8) id = String(readInteger(buffer, at, width, unsigned));
    else if (at >= 0)
      id = String(unsigned ? buffer.readBigUInt64LE(at) : buffer.readBigInt64LE(at));
    return new RowError(layout.SLOTS[slot]!, id, message);
  }
}

function readLength(buffer: Buffer, at: number, bytes: number): number {
  let length = 0;
  for (let i = bytes - 1; i >= 0; i--) length = length * 256 + buffer[at + i]!;
  return length;
}

function cutShort(slot: number): RowError {
  return new RowError(layout.SLOTS[slot]!, null, 'the row image ends before or within it');
}
