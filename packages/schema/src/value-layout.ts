import { MYSQL, typeName } from './mysql-types.ts';
import { ATTRIBUTES, rowLayout, SLOTS, TS, widthOf } from './row-layout.ts';
import { asColumn, type SqlColumn } from './sql-columns.ts';

/** A column of a result, as the server describes it before the rows. */
export interface ResultField {
  readonly name: string;
  /** Of the protocol: TEXT comes as one of several string types. */
  readonly columnType?: number | undefined;
  readonly flags?: number | readonly string[] | undefined;
  /** The collation's number. */
  readonly characterSet?: number | undefined;
}

/** How a row of a binary result is read: what is selected, and what each value is. */
export interface ValueLayout {
  /** Slots in the order of the result: that of the record, less what the table lacks. */
  readonly slots: Uint8Array;
  /** By column of the result: bytes of its number; 0 = something behind its own length. */
  readonly widths: Uint8Array;
  /** By slot. */
  readonly slotWidths: Uint8Array;
  readonly unsigned: readonly boolean[];
  readonly isTimestamp: boolean;
  readonly charset: string;
  readonly selectList: readonly string[];
}

/** @throws RangeError when the columns do not fit the LogScore schema. */
export function valueLayout(columns: readonly SqlColumn[]): ValueLayout {
  const { bySlot } = rowLayout(columns.map(asColumn));
  const slotWidths = Uint8Array.from(bySlot, (column) => {
    if (!column) return 0;
    // Row images have three bytes for it, results four. A time has its length before it.
    if (column.type === MYSQL.INT24) return 4;
    return TIMES.has(column.type) ? 0 : widthOf(column);
  });
  const slots = Uint8Array.from([...SLOTS.keys()].filter((slot) => bySlot[slot] !== undefined));
  return {
    slots,
    widths: slots.map((slot) => slotWidths[slot]!),
    slotWidths,
    unsigned: bySlot.map((column) => column?.unsigned ?? false),
    isTimestamp: bySlot[TS]?.type === MYSQL.TIMESTAMP2,
    charset: bySlot[ATTRIBUTES]?.charset ?? 'utf8mb4',
    selectList: [...slots].map((slot) => `\`${SLOTS[slot]}\``),
  };
}

const TIMES: ReadonlySet<number> = new Set([MYSQL.DATETIME2, MYSQL.TIMESTAMP2]);

/** What a result's column must be for a value to be read as the table's column. */
export class ExpectedFields {
  readonly #expected: readonly { readonly name: string; readonly kind: string }[];
  /** The collation that the text was first seen in. */
  #collation: number | undefined;

  constructor(columns: readonly SqlColumn[]) {
    const byName = new Map(columns.map((column) => [column.name, column]));
    this.#expected = SLOTS.flatMap((name) => {
      const column = byName.get(name);
      return column ? [{ name, kind: kindOf(PROTOCOL_TYPES[asColumn(column).type]!, column) }] : [];
    });
  }

  /** What is not as it was when the columns were read, as sentences; of the first `columns`. */
  problems(fields: readonly ResultField[], columns: number): string[] {
    const seen = fields.map(({ name, columnType = -1, flags }) => ({
      name,
      kind: kindOf(columnType, { unsigned: typeof flags === 'number' && (flags & UNSIGNED) !== 0 }),
    }));
    if (seen.length !== columns) {
      return [`the result has ${seen.length} columns, not ${columns}`];
    }
    const changed = this.#expected.slice(0, columns).flatMap(({ name, kind }, index) => {
      const field = seen[index]!;
      return field.name === name && field.kind === kind
        ? []
        : [`column ${name} is ${field.name} ${field.kind}, was ${kind}`];
    });
    return [...changed, ...this.#textProblems(fields)];
  }

  #textProblems(fields: readonly ResultField[]): string[] {
    const text = fields.find(({ name }) => name === SLOTS[ATTRIBUTES]);
    if (text === undefined) return [];
    const collation = text.characterSet;
    this.#collation ??= collation;
    return collation === this.#collation
      ? []
      : [`column ${text.name} is in collation ${collation}, was in ${this.#collation}`];
  }
}

const UNSIGNED = 32;

/** Types as results have them, by type of the table map. */
const PROTOCOL_TYPES: Readonly<Record<number, number>> = {
  [MYSQL.TINY]: MYSQL.TINY,
  [MYSQL.SHORT]: MYSQL.SHORT,
  [MYSQL.INT24]: MYSQL.INT24,
  [MYSQL.LONG]: MYSQL.LONG,
  [MYSQL.LONGLONG]: MYSQL.LONGLONG,
  [MYSQL.FLOAT]: MYSQL.FLOAT,
  [MYSQL.DOUBLE]: MYSQL.DOUBLE,
  [MYSQL.DATETIME2]: MYSQL.DATETIME,
  [MYSQL.TIMESTAMP2]: MYSQL.TIMESTAMP,
  [MYSQL.VARCHAR]: MYSQL.VARCHAR,
  [MYSQL.STRING]: MYSQL.STRING,
  [MYSQL.BLOB]: MYSQL.BLOB,
};

/** Every string type: a value is behind its length in each. */
const STRINGS: ReadonlySet<number> = new Set([15, 249, 250, 251, 252, 253, 254]);

const INTEGERS: ReadonlySet<number> = new Set([
  MYSQL.TINY,
  MYSQL.SHORT,
  MYSQL.INT24,
  MYSQL.LONG,
  MYSQL.LONGLONG,
]);

function kindOf(type: number, { unsigned }: { readonly unsigned: boolean }): string {
  if (STRINGS.has(type)) return 'text';
  // Whether a double may be negative changes nothing in its bytes.
  return typeName({ type, unsigned: unsigned && INTEGERS.has(type) });
}
