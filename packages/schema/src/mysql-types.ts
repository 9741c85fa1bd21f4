/** Column types of the binlog (enum_field_types in MySQL's field_types.h), those that matter here. */
export const MYSQL = {
  TINY: 1,
  SHORT: 2,
  LONG: 3,
  FLOAT: 4,
  DOUBLE: 5,
  TIMESTAMP: 7,
  LONGLONG: 8,
  INT24: 9,
  DATE: 10,
  TIME: 11,
  DATETIME: 12,
  YEAR: 13,
  VARCHAR: 15,
  BIT: 16,
  TIMESTAMP2: 17,
  DATETIME2: 18,
  TIME2: 19,
  BLOB_COMPRESSED: 140,
  VARCHAR_COMPRESSED: 141,
  JSON: 245,
  DECIMAL: 246,
  ENUM: 247,
  SET: 248,
  BLOB: 252,
  STRING: 254,
  GEOMETRY: 255,
} as const;

/** A type byte of a table map; those in `MYSQL` are understood. */
export type TypeCode = number;

/** What a field's column may be made of: what a row image gives up without losing a bit. */
export type Family = 'id' | 'integer' | 'number' | 'time' | 'text';

const INTEGERS: readonly TypeCode[] = [MYSQL.TINY, MYSQL.SHORT, MYSQL.INT24, MYSQL.LONG];

export const FAMILY_TYPES: Readonly<Record<Family, readonly TypeCode[]>> = {
  id: [...INTEGERS, MYSQL.LONGLONG],
  integer: INTEGERS,
  number: [MYSQL.FLOAT, MYSQL.DOUBLE],
  time: [MYSQL.DATETIME2, MYSQL.TIMESTAMP2],
  text: [MYSQL.BLOB, MYSQL.VARCHAR, MYSQL.STRING],
};

export const TEXT_CHARSETS: readonly string[] = ['utf8mb4', 'utf8mb3', 'utf8', 'ascii', 'latin1'];

/** The same for people, as SQL says it. */
export const FAMILY_NAMES: Readonly<Record<Family, string>> = {
  id: 'tinyint, smallint, mediumint, int or bigint, unsigned or not',
  integer: 'tinyint, smallint, mediumint or int, unsigned or not',
  number: 'double or float',
  time: 'datetime or timestamp, with up to six decimals',
  text: 'text, varchar or char (MariaDB: json) in utf8mb4, utf8mb3, ascii or latin1',
};

const NAMES: Readonly<Record<TypeCode, string>> = {
  [MYSQL.TINY]: 'tinyint',
  [MYSQL.SHORT]: 'smallint',
  [MYSQL.LONG]: 'int',
  [MYSQL.FLOAT]: 'float',
  [MYSQL.DOUBLE]: 'double',
  [MYSQL.LONGLONG]: 'bigint',
  [MYSQL.INT24]: 'mediumint',
  [MYSQL.VARCHAR]: 'varchar',
  [MYSQL.TIMESTAMP2]: 'timestamp',
  [MYSQL.DATETIME2]: 'datetime',
  [MYSQL.TIMESTAMP]: 'timestamp',
  [MYSQL.DATETIME]: 'datetime',
  [MYSQL.BLOB_COMPRESSED]: 'text',
  [MYSQL.VARCHAR_COMPRESSED]: 'varchar',
  [MYSQL.JSON]: 'json',
  [MYSQL.BLOB]: 'text',
  [MYSQL.STRING]: 'char',
  [MYSQL.DECIMAL]: 'decimal',
  [MYSQL.ENUM]: 'enum',
  [MYSQL.SET]: 'set',
  [MYSQL.DATE]: 'date',
  [MYSQL.YEAR]: 'year',
  [MYSQL.BIT]: 'bit',
  [MYSQL.TIME]: 'time',
  [MYSQL.TIME2]: 'time',
};

export function typeName({
  type,
  unsigned,
}: {
  readonly type: TypeCode;
  readonly unsigned: boolean;
}): string {
  return (NAMES[type] ?? `of binlog type ${type}`) + (unsigned ? ' unsigned' : '');
}
