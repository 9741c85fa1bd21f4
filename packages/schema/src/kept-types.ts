import { type ColumnExtent, extentOf, type TypeMetadata } from './column-extent.ts';
import { MYSQL, TEXT_CHARSETS, type TypeCode, typeName } from './mysql-types.ts';

/** What the text of a kept column is made from: what has one text, the same from row image and SELECT. */
export type KeptKind =
  | 'integer'
  | 'float'
  | 'double'
  | 'decimal'
  | 'bit'
  | 'text'
  | 'bytes'
  | 'enum'
  | 'set'
  | 'date'
  | 'datetime'
  | 'timestamp'
  | 'time'
  | 'year';

/** A column without a field, whose values go into `extra`. */
export interface KeptColumn {
  readonly kind: KeptKind;
  /** How far it reaches in a row image. */
  readonly extent: ColumnExtent;
  /** Digits: of a decimal all of them, and those behind the point; of a time those of its fraction. */
  readonly precision: number;
  readonly decimals: number;
  /** Of an enum or a set, in their order. */
  readonly labels: readonly string[];
}

interface Described {
  readonly name: string;
  readonly type: TypeCode;
  readonly unsigned: boolean;
  readonly charset: string | null;
}

/** For people. */
export const KEPT_TYPES =
  'integers, float, double, decimal, bit, date, time, datetime, timestamp, year, varbinary and blob, and char, varchar, text, enum and set in utf8mb4, utf8mb3, ascii or latin1';

/**
 * A fixed binary is none: MariaDB's uuid, inet4 and inet6 look the same in a table map, and SELECT
 * gives other bytes of these.
 */
export function keptKind({ type, charset }: Pick<Described, 'type' | 'charset'>): KeptKind | null {
  switch (type) {
    case MYSQL.TINY:
    case MYSQL.SHORT:
    case MYSQL.INT24:
    case MYSQL.LONG:
    case MYSQL.LONGLONG:
      return 'integer';
    case MYSQL.FLOAT:
      return 'float';
    case MYSQL.DOUBLE:
      return 'double';
    case MYSQL.DECIMAL:
      return 'decimal';
    case MYSQL.BIT:
      return 'bit';
    case MYSQL.DATE:
      return 'date';
    case MYSQL.TIME2:
      return 'time';
    case MYSQL.DATETIME2:
      return 'datetime';
    case MYSQL.TIMESTAMP2:
      return 'timestamp';
    case MYSQL.YEAR:
      return 'year';
    case MYSQL.ENUM:
      return isText(charset) ? 'enum' : null;
    case MYSQL.SET:
      return isText(charset) ? 'set' : null;
    case MYSQL.STRING:
      return isText(charset) ? 'text' : null;
    case MYSQL.VARCHAR:
    case MYSQL.BLOB:
      if (charset === null) return 'bytes';
      return isText(charset) ? 'text' : null;
    default:
      return null;
  }
}

function isText(charset: string | null): boolean {
  return charset !== null && TEXT_CHARSETS.includes(charset);
}

/** The column as a table map describes it; null when its values cannot be kept. */
export function keptColumn(
  column: Described,
  metadata: TypeMetadata,
  labels: readonly string[] = [],
): KeptColumn | null {
  const kind = keptKind(column);
  const extent = extentOf(column.type, metadata);
  if (kind === null || extent === null) return null;
  // What zongji could not decode.
  const isUnclear = labels.length === 0 || labels.some((label) => label.includes('\ufffd'));
  if ((kind === 'enum' || kind === 'set') && isUnclear) return null;
  return {
    kind,
    extent,
    precision: metadata['precision'] ?? 0,
    decimals: metadata['decimals'] ?? 0,
    labels,
  };
}

/** What is said of a column whose values cannot be kept, with the reason if there is one to tell. */
export function notKept(column: Described, reason: string | null): string {
  const charset = STRINGS.has(column.type)
    ? ` with character set ${column.charset ?? 'binary'}`
    : '';
  return `column ${column.name} is ${typeName(column)}${charset}, ${reason ?? 'which cannot be kept'}; kept are ${KEPT_TYPES}`;
}

const STRINGS: ReadonlySet<TypeCode> = new Set([
  MYSQL.STRING,
  MYSQL.VARCHAR,
  MYSQL.BLOB,
  MYSQL.ENUM,
  MYSQL.SET,
]);
