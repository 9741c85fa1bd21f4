import { type AddedForm, AddedWriter } from './added-writer.ts';
import type { AttributesEncoder } from './attributes-encoder.ts';
import { writeAbsent } from './attributes-scan.ts';
import { writeLong } from './avro-write.ts';
import type { Block } from './block.ts';
import { type ExtraColumn, ExtraWriter } from './extra-writer.ts';
import { RowError } from './row-error.ts';
import * as layout from './row-layout.ts';
import { readInteger, writeDouble } from './row-values.ts';

/** How `ts` stands in a row. */
export interface TimeSource {
  /** Microseconds since the epoch, or NaN for a zero or impossible date. */
  read(bytes: Uint8Array, at: number): number;
  /** The same for an error: what stands there. */
  describe(bytes: Uint8Array, at: number): string;
}

export interface RowForm {
  /** By slot: bytes of its number, little-endian. */
  readonly widths: Uint8Array;
  readonly unsigned: readonly boolean[];
  readonly time: TimeSource;
  readonly attributes: AttributesEncoder;
  /** Of the text in `attributes`. */
  readonly charset: string;
  readonly extra: readonly ExtraColumn[];
  /** Of each column that the version has added. */
  readonly added: readonly AddedForm[];
  /** Names of the columns from `EXTRA` on. */
  readonly others: readonly string[];
}

/** More than the fields before `leap` can take. */
const HEAD_BYTES = 96;
const MAX_INT = 0x7fff_ffff;
/** Beyond these, avsc, by which most readers in JavaScript read the topic, refuses longs or errs. */
const MIN_TS = -(2 ** 52);
const MAX_TS = Number.MAX_SAFE_INTEGER - 1;

/**
 * Writes LogScore datums from rows whose columns have been found: what a value may be, and what is
 * said of one that may not, is the same wherever the row came from. Whoever walks a row sets where
 * each column stands, then calls `write`.
 */
export class RowWriter {
  /**
   * By slot: where its value stands in the row at hand; -1 = NULL or no such column. One is for all
   * columns that are passed over.
   */
  readonly positions: Int32Array;
  /** By slot: bytes of a value that is behind its length. */
  readonly lengths: Float64Array;
  readonly #widths: Uint8Array;
  readonly #unsigned: readonly boolean[];
  readonly #time: TimeSource;
  readonly #attributes: AttributesEncoder;
  readonly #charset: string;
  readonly #others: readonly string[];
  /** Null where a field is made of every column, as is mostly so. */
  readonly #extra: ExtraWriter | null;
  /** Null in version 1. */
  readonly #added: AddedWriter | null;
  readonly #addedFrom: number;

  constructor({ widths, unsigned, time, attributes, charset, extra, added, others }: RowForm) {
    this.positions = new Int32Array(layout.EXTRA + others.length).fill(-1);
    this.lengths = new Float64Array(layout.EXTRA + others.length);
    this.#widths = widths;
    this.#unsigned = unsigned;
    this.#time = time;
    this.#attributes = attributes;
    this.#charset = charset;
    this.#others = others;
    this.#extra = extra.length === 0 ? null : new ExtraWriter(extra);
    this.#added = added.length === 0 ? null : new AddedWriter(added);
    this.#addedFrom = layout.EXTRA + extra.length;
  }

  /**
   * Appends the row at hand to the block, or leaves the block as it was.
   *
   * @throws RowError, naming the row's id and the column.
   */
  write(buffer: Buffer, block: Block): void {
    const { positions, lengths } = this;
    const id = this.readId(buffer);
    const serverId = this.#readKey(buffer, layout.SERVER_ID);
    const timestampUs = this.#readTime(buffer);
    const text = positions[layout.ATTRIBUTES]!;
    const textLength = text < 0 ? 0 : lengths[layout.ATTRIBUTES]!;

    const extraBytes = this.#extra?.maxBytes(positions, lengths, layout.EXTRA) ?? 0;
    const addedBytes = this.#added?.maxBytes ?? 0;
    block.reserve(HEAD_BYTES + this.#attributes.maxBytes(textLength) + extraBytes + addedBytes);
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
      if (w < 0) {
        throw this.#error(buffer, layout.ATTRIBUTES, `its bytes are not ${this.#charset}`);
      }
    }
    if (this.#extra === null) bytes[w++] = 0;
    else {
      w = this.#extra.write(buffer, positions, lengths, layout.EXTRA, bytes, w);
      if (w < 0) {
        throw this.#error(buffer, layout.EXTRA - 1 - w, 'its bytes are no value of its type');
      }
    }
    if (this.#added !== null) {
      w = this.#added.write(buffer, positions, this.#addedFrom, bytes, w);
    }
    block.push(w, id, serverId, timestampUs);
  }

  /** @throws RowError */
  readId(buffer: Buffer): number {
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
    const at = this.positions[layout.RTT]!;
    const unsigned = this.#unsigned[layout.RTT]!;
    const value = readInteger(buffer, at, this.#widths[layout.RTT]!, unsigned);
    if (value > MAX_INT) throw this.#error(buffer, layout.RTT, `${value} is above 2^31 - 1`);
    return value;
  }

  #writeDouble(buffer: Buffer, slot: number, target: Buffer, at: number): number {
    return writeDouble(buffer, this.#required(buffer, slot), this.#widths[slot]!, target, at);
  }

  #required(buffer: Buffer, slot: number): number {
    const at = this.positions[slot]!;
    if (at < 0) throw this.#error(buffer, slot, 'it is NULL');
    return at;
  }

  #error(buffer: Buffer, slot: number, message: string): RowError {
    const at = this.positions[layout.ID]!;
    const width = this.#widths[layout.ID]!;
    const unsigned = this.#unsigned[layout.ID]!;
    let id: string | null = null;
    if (at >= 0 && width < 8) id = String(readInteger(buffer, at, width, unsigned));
    else if (at >= 0)
      id = String(unsigned ? buffer.readBigUInt64LE(at) : buffer.readBigInt64LE(at));
    return new RowError(layout.slotName(slot, this.#others), id, message);
  }
}
