import { MYSQL, type TypeCode } from './mysql-types.ts';

/** How far a value reaches in a row image: so many bytes, or as many as the length before it says. */
export interface ColumnExtent {
  readonly bytes: number;
  /** Bytes of the length; 0 for a value that always has the same size. */
  readonly lengthBytes: number;
}

/** What a table map says of a column beside its type, in the names of zongji. */
export type TypeMetadata = Readonly<Record<string, number>>;

/** Bytes of up to nine decimal digits (decimal_bin_size in MySQL's decimal.cc). */
export const DIGITS_BYTES: readonly number[] = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];

/**
 * For passing over a column whose value is of no interest. Null for a type that is not known so well:
 * the times of before MySQL 5.6 are among these, whose size the binlog does not tell.
 */
export function extentOf(type: TypeCode, metadata: TypeMetadata): ColumnExtent | null {
  // The metadata of a string says when it is none.
  switch (metadata['type'] ?? type) {
    case MYSQL.TINY:
    case MYSQL.YEAR:
      return fixed(1);
    case MYSQL.SHORT:
      return fixed(2);
    case MYSQL.INT24:
    case MYSQL.DATE:
      return fixed(3);
    case MYSQL.LONG:
    case MYSQL.FLOAT:
      return fixed(4);
    case MYSQL.LONGLONG:
    case MYSQL.DOUBLE:
      return fixed(8);
    case MYSQL.TIME2:
      return fixed(3 + fraction(metadata));
    case MYSQL.TIMESTAMP2:
      return fixed(4 + fraction(metadata));
    case MYSQL.DATETIME2:
      return fixed(5 + fraction(metadata));
    case MYSQL.DECIMAL:
      return fixed(decimalBytes(metadata));
    case MYSQL.BIT:
      return fixed(((metadata['bits'] ?? 0) + 7) >> 3);
    case MYSQL.ENUM:
    case MYSQL.SET:
      return fixed(metadata['size'] ?? 0);
    case MYSQL.VARCHAR:
    case MYSQL.VARCHAR_COMPRESSED:
    case MYSQL.STRING:
      return { bytes: 0, lengthBytes: (metadata['max_length'] ?? 0) > 255 ? 2 : 1 };
    case MYSQL.BLOB:
    case MYSQL.BLOB_COMPRESSED:
    case MYSQL.JSON:
    case MYSQL.GEOMETRY:
      return prefixed(metadata['length_size'] ?? 0);
    default:
      return null;
  }
}

function fixed(bytes: number): ColumnExtent | null {
  return bytes > 0 ? { bytes, lengthBytes: 0 } : null;
}

function prefixed(lengthBytes: number): ColumnExtent | null {
  return lengthBytes > 0 ? { bytes: 0, lengthBytes } : null;
}

function fraction({ decimals = 0 }: TypeMetadata): number {
  return (decimals + 1) >> 1;
}

function decimalBytes({ precision = 0, decimals = 0 }: TypeMetadata): number {
  return digitsBytes(precision - decimals) + digitsBytes(decimals);
}

function digitsBytes(digits: number): number {
  return Math.floor(digits / 9) * 4 + DIGITS_BYTES[digits % 9]!;
}
