import type { Column, UnknownColumns } from './columns.ts';
import { MYSQL } from './mysql-types.ts';
import { ATTRIBUTES, EXTRA, type Extra, rowLayout, SLOTS, TS, widthOf } from './row-layout.ts';
import { asColumn, type SqlColumn } from './sql-columns.ts';
import { type TopicVersion, VERSION_1 } from './topic-version.ts';

/** How a row of a binary result is read: what is selected, and what each value is. */
export interface ValueLayout {
  /** Columns in the order of the result: that of the record, less what the table lacks, then the kept and the added ones. */
  readonly columns: readonly Column[];
  /** By column of the result. */
  readonly slots: Uint16Array;
  /** By column of the result: bytes of its number; 0 = something behind its own length. */
  readonly widths: Uint8Array;
  /** By slot. */
  readonly slotWidths: Uint8Array;
  readonly unsigned: readonly boolean[];
  readonly isTimestamp: boolean;
  readonly charset: string;
  readonly extra: readonly Extra[];
  /** What the version has added, undefined for a column that the table lacks. */
  readonly added: readonly (Column | undefined)[];
  /** Names of the columns from EXTRA on. */
  readonly others: readonly string[];
}

/** @throws RangeError when the columns do not fit the LogScore schema. */
export function valueLayout(
  columns: readonly SqlColumn[],
  unknown: UnknownColumns = 'stop',
  version: TopicVersion = VERSION_1,
): ValueLayout {
  const { bySlot, extra, added, addedFrom, others } = rowLayout(
    columns.map((column) => asColumn(column, unknown, version)),
    version,
  );
  const known = [...SLOTS.keys()].filter((slot) => bySlot[slot] !== undefined);
  const held = [...added.keys()].filter((index) => added[index] !== undefined);
  const selected = [
    ...known.map((slot) => bySlot[slot]!),
    ...extra,
    ...held.map((index) => added[index]!),
  ];
  return {
    columns: selected,
    slots: Uint16Array.from([
      ...known,
      ...extra.map((_, index) => EXTRA + index),
      ...held.map((index) => addedFrom + index),
    ]),
    widths: Uint8Array.from(selected, valueWidth),
    slotWidths: Uint8Array.from(bySlot, (column) => (column ? valueWidth(column) : 0)),
    unsigned: bySlot.map((column) => column?.unsigned ?? false),
    isTimestamp: bySlot[TS]?.type === MYSQL.TIMESTAMP2,
    charset: bySlot[ATTRIBUTES]?.charset ?? 'utf8mb4',
    extra,
    added,
    others,
  };
}

/** Bytes of a value in a result; 0 = it has its length before it. */
export function valueWidth(column: Column): number {
  switch (column.type) {
    case MYSQL.INT24:
      // Row images have three bytes for it.
      return 4;
    case MYSQL.YEAR:
      return 2;
    case MYSQL.DATETIME2:
    case MYSQL.TIMESTAMP2:
      return 0;
    default:
      return widthOf(column);
  }
}
