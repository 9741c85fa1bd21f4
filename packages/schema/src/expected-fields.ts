import type { Column } from './columns.ts';
import { MYSQL, typeName } from './mysql-types.ts';

/** A column of a result, as the server describes it before the rows. */
export interface ResultField {
  readonly name: string;
  /** Of the protocol: TEXT comes as one of several string types. */
  readonly columnType?: number | undefined;
  readonly flags?: number | readonly string[] | undefined;
  /** The collation's number. */
  readonly characterSet?: number | undefined;
}

/** What a result's column must be for a value to be read as the table's column. */
export class ExpectedFields {
  readonly #expected: readonly { readonly name: string; readonly kind: string }[];
  /** The collations that texts were first seen in. */
  readonly #collations = new Map<string, number | undefined>();

  /** @param columns in the order of the result. */
  constructor(columns: readonly Column[]) {
    this.#expected = columns.map((column) => ({
      name: column.name,
      kind: kindOf(PROTOCOL_TYPES[column.type]!, column),
    }));
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
    return fields.flatMap(({ name, columnType = -1, characterSet }) => {
      if (!STRINGS.has(columnType)) return [];
      if (!this.#collations.has(name)) this.#collations.set(name, characterSet);
      const before = this.#collations.get(name);
      return characterSet === before
        ? []
        : [`column ${name} is in collation ${characterSet}, was in ${before}`];
    });
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
  [MYSQL.DECIMAL]: MYSQL.DECIMAL,
  [MYSQL.BIT]: MYSQL.BIT,
  [MYSQL.ENUM]: MYSQL.STRING,
  [MYSQL.SET]: MYSQL.STRING,
  [MYSQL.DATE]: MYSQL.DATE,
  [MYSQL.TIME2]: MYSQL.TIME,
  [MYSQL.YEAR]: MYSQL.YEAR,
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
