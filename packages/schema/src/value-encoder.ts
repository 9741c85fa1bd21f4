import { AttributesEncoder } from './attributes-encoder.ts';
import type { Block } from './block.ts';
import type { UnknownColumns } from './columns.ts';
import { ExpectedFields, type ResultField } from './expected-fields.ts';
import type { RowEncoderOptions } from './row-encoder.ts';
import { RowError } from './row-error.ts';
import { ID, slotName, SLOTS, TS } from './row-layout.ts';
import { RowWriter } from './row-writer.ts';
import type { SqlColumn } from './sql-columns.ts';
import { VERSION_1 } from './topic-version.ts';
import { type ValueLayout, valueLayout, valueWidth } from './value-layout.ts';
import { valueText } from './value-text.ts';
import { ValueTime } from './value-time.ts';

export interface ValueEncoderOptions extends RowEncoderOptions {
  /** What is done about columns that no field is made of; those that are omitted are not selected. */
  readonly unknownColumns?: UnknownColumns;
}

/** The packet's first byte, 0x00. */
const HEADER_BYTES = 1;
/** Bits before the first column's in the bitmap of NULLs. */
const RESERVED_BITS = 2;

/**
 * Turns rows of a SELECT, as packets of MySQL's binary protocol hold them, into LogScore datums at the
 * end of a block: the very bytes that `RowEncoder` makes of the same row's image in the binlog.
 *
 * The session that selects `selectList` must have its time zone at +00:00 and `character_set_results`
 * at NULL, so that the text comes as it is stored. `problems` is to be asked before a result's first
 * row: a packet does not say of what types its values are.
 *
 * @throws RangeError from the constructor when the columns do not fit.
 */
export class ValueEncoder {
  /** What to select, the id first. */
  readonly selectList: string;
  /** The first of it: enough for `id`. */
  readonly selectId: string;
  readonly #layout: ValueLayout;
  readonly #writer: RowWriter;
  readonly #fields: ExpectedFields;

  constructor(
    columns: readonly SqlColumn[],
    {
      utcOffsetMinutes = 0,
      unknownColumns = 'stop',
      version = VERSION_1,
    }: ValueEncoderOptions = {},
  ) {
    const layout = valueLayout(columns, unknownColumns, version);
    const { slotWidths, unsigned, isTimestamp, charset, extra, added, others } = layout;
    const selectList = layout.columns.map(({ name }) => `\`${name.replaceAll('`', '``')}\``);
    this.selectList = selectList.join(', ');
    this.selectId = selectList[0]!;
    this.#layout = layout;
    this.#fields = new ExpectedFields(layout.columns);
    this.#writer = new RowWriter({
      widths: slotWidths,
      unsigned,
      time: new ValueTime(isTimestamp, utcOffsetMinutes),
      attributes: new AttributesEncoder(charset),
      charset,
      extra: extra.map((column) => ({
        name: column.name,
        text: valueText({ ...column, kind: column.kept.kind, width: valueWidth(column) }),
      })),
      added: version.added.map(({ family }, index) => ({
        family,
        width: added[index] ? valueWidth(added[index]) : 0,
        unsigned: added[index]?.unsigned ?? false,
      })),
      others,
    });
  }

  /**
   * What of a result's columns is not as it was when this was made, as sentences. `columns` of the list
   * were selected.
   */
  problems(fields: readonly ResultField[], columns: number = this.#layout.slots.length): string[] {
    return this.#fields.problems(fields, columns);
  }

  /**
   * The id of a row of that many columns, before the rest of it is looked at.
   *
   * @throws RowError
   */
  id(packet: Buffer, at: number, end: number, columns: number = this.#layout.slots.length): number {
    const first = at + HEADER_BYTES + nullBytes(columns);
    const after = first + this.#layout.widths[0]!;
    if (after > end) throw this.#cutShort(ID);
    const isNull = (packet[at + HEADER_BYTES]! & (1 << RESERVED_BITS)) !== 0;
    this.#writer.positions[ID] = isNull ? -1 : first;
    return this.#writer.readId(packet);
  }

  /**
   * Appends the row in `packet[at..end]` to the block, or leaves the block as it was.
   *
   * @throws RowError, naming the row's id and the column.
   */
  encode(packet: Buffer, at: number, end: number, block: Block): void {
    this.#locate(packet, at, end);
    this.#writer.write(packet, block);
  }

  #locate(packet: Buffer, at: number, end: number): void {
    const { slots, widths } = this.#layout;
    const { positions, lengths } = this.#writer;
    let p = at + HEADER_BYTES + nullBytes(slots.length);
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      const bit = i + RESERVED_BITS;
      if ((packet[at + HEADER_BYTES + (bit >> 3)]! & (1 << (bit & 7))) !== 0) {
        positions[slot] = -1;
        continue;
      }
      const width = widths[i]!;
      if (p >= end) throw this.#cutShort(slot);
      if (width > 0 || slot === TS) {
        positions[slot] = p;
        p += width > 0 ? width : 1 + packet[p]!;
        continue;
      }
      const bytes = lengthBytes(packet[p]!);
      if (p + bytes > end) throw this.#cutShort(slot);
      const length = readLength(packet, p, bytes);
      p += bytes;
      positions[slot] = p;
      lengths[slot] = length;
      p += length;
    }
    if (p > end) throw this.#cutShort(slots.at(-1)!);
    if (p < end)
      throw new RowError(SLOTS[ID], null, `${end - p} bytes behind the row's last value`);
  }

  #cutShort(slot: number): RowError {
    const name = slotName(slot, this.#layout.others);
    return new RowError(name, null, 'the row packet ends before or within it');
  }
}

function nullBytes(columns: number): number {
  return (columns + RESERVED_BITS + 7) >> 3;
}

const TWO_BYTES = 0xfc;
const THREE_BYTES = 0xfd;

/** Bytes of a length-encoded integer. */
function lengthBytes(first: number): number {
  if (first < TWO_BYTES - 1) return 1;
  return first === TWO_BYTES ? 3 : first === THREE_BYTES ? 4 : 9;
}

function readLength(packet: Buffer, at: number, bytes: number): number {
  switch (bytes) {
    case 1:
      return packet[at]!;
    case 3:
      return packet.readUInt16LE(at + 1);
    case 4:
      return packet.readUIntLE(at + 1, 3);
    default:
      return packet.readUInt32LE(at + 1) + packet.readUInt32LE(at + 5) * 0x1_0000_0000;
  }
}
