import { type Column, checkColumns } from './columns.ts';
import type { KeptColumn } from './kept-types.ts';
import { MYSQL } from './mysql-types.ts';
import type { TopicVersion } from './topic-version.ts';

/** Columns that a datum is made of, in the order of the Avro record. */
export const SLOTS = [
  'id',
  'server_id',
  'monitor_id',
  'ts',
  'score',
  'step',
  'offset',
  'rtt',
  'attributes',
] as const;

export const ID = 0;
export const SERVER_ID = 1;
export const MONITOR_ID = 2;
export const TS = 3;
export const SCORE = 4;
export const STEP = 5;
export const OFFSET = 6;
export const RTT = 7;
export const ATTRIBUTES = 8;
/** Of every column that is passed over. */
export const OMITTED = SLOTS.length;
/**
 * Of the first column whose values go into `extra`; the others follow, in the order of the table, and
 * behind them what the version has added, in its order.
 */
export const EXTRA = OMITTED + 1;

/** How a row image is read: what each of its columns is, in arrays that the walk can run along. */
export interface RowLayout {
  readonly columns: number;
  readonly nullBytes: number;
  /** By column: which slot it fills, and how many bytes it has; 0 = a string behind its length. */
  readonly slots: Uint16Array;
  readonly widths: Uint8Array;
  /** By column: bytes of the length before a string. */
  readonly lengths: Uint8Array;
  /** By slot, undefined for a column that the table lacks. */
  readonly bySlot: readonly (Column | undefined)[];
  /** Columns whose values go into `extra`. */
  readonly extra: readonly Extra[];
  /** Of the first added column. */
  readonly addedFrom: number;
  /** What the version has added, undefined for a column that the table lacks. */
  readonly added: readonly (Column | undefined)[];
  /** Names of the columns from EXTRA on. */
  readonly others: readonly string[];
}

export type Extra = Column & { readonly kept: KeptColumn };

/** @throws RangeError when the columns do not pass `checkColumns`. */
export function rowLayout(columns: readonly Column[], version: TopicVersion): RowLayout {
  const problems = checkColumns(columns, version);
  if (problems.length > 0) throw new RangeError(problems.join('; '));
  const bySlot = SLOTS.map((name) => columns.find((column) => column.name === name));
  const extra = columns.filter((column): column is Extra => Boolean(column.kept));
  const addedFrom = EXTRA + extra.length;
  const addedNames = version.added.map(({ name }) => name);
  const extents = columns.map(({ omitted, kept }) => omitted ?? kept?.extent);
  return {
    columns: columns.length,
    nullBytes: (columns.length + 7) >> 3,
    slots: Uint16Array.from(columns, (column) => {
      if (column.omitted) return OMITTED;
      const index = extra.indexOf(column as Extra);
      if (index >= 0) return EXTRA + index;
      const added = addedNames.indexOf(column.name);
      return added < 0 ? (SLOTS as readonly string[]).indexOf(column.name) : addedFrom + added;
    }),
    widths: Uint8Array.from(columns, (column, index) => extents[index]?.bytes ?? widthOf(column)),
    lengths: Uint8Array.from(columns, ({ lengthBytes }, index) => {
      return extents[index]?.lengthBytes ?? lengthBytes;
    }),
    bySlot,
    extra,
    addedFrom,
    added: addedNames.map((name) => columns.find((column) => column.name === name)),
    others: [...extra.map(({ name }) => name), ...addedNames],
  };
}

/** What a slot is called in an error. */
export function slotName(slot: number, others: readonly string[]): string {
  return SLOTS[slot] ?? others[slot - EXTRA] ?? '(one that is passed over)';
}

export function widthOf({ type, decimals }: Column): number {
  const fraction = (decimals + 1) >> 1;
  switch (type) {
    case MYSQL.TINY:
      return 1;
    case MYSQL.SHORT:
      return 2;
    case MYSQL.INT24:
      return 3;
    case MYSQL.LONG:
    case MYSQL.FLOAT:
      return 4;
    case MYSQL.LONGLONG:
    case MYSQL.DOUBLE:
      return 8;
    case MYSQL.DATETIME2:
      return 5 + fraction;
    case MYSQL.TIMESTAMP2:
      return 4 + fraction;
    default:
      return 0;
  }
}
