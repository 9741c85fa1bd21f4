import type { Column } from '../columns.ts';
import type { ResultField } from '../expected-fields.ts';
import { MYSQL } from '../mysql-types.ts';
import { SLOTS } from '../row-layout.ts';
import type { SqlColumn } from '../sql-columns.ts';
import { type Cell, isTime, type TimeParts } from './row-image.ts';

const DATA_TYPES: Readonly<Record<number, string>> = {
  [MYSQL.TINY]: 'tinyint',
  [MYSQL.SHORT]: 'smallint',
  [MYSQL.INT24]: 'mediumint',
  [MYSQL.LONG]: 'int',
  [MYSQL.LONGLONG]: 'bigint',
  [MYSQL.FLOAT]: 'float',
  [MYSQL.DOUBLE]: 'double',
  [MYSQL.DATETIME2]: 'datetime',
  [MYSQL.TIMESTAMP2]: 'timestamp',
  [MYSQL.BLOB]: 'text',
  [MYSQL.VARCHAR]: 'varchar',
};

export function sqlColumns(columns: readonly Column[]): SqlColumn[] {
  return columns.map(({ name, type, unsigned, charset }) => ({
    name,
    dataType: type === MYSQL.BLOB && charset === null ? 'blob' : (DATA_TYPES[type] ?? ''),
    unsigned,
    charset,
  }));
}

const FIELD_TYPES: Readonly<Record<number, number>> = {
  [MYSQL.DATETIME2]: MYSQL.DATETIME,
  [MYSQL.TIMESTAMP2]: MYSQL.TIMESTAMP,
};

/** What a server says of the result's columns. */
export function resultFields(columns: readonly Column[], characterSet = 33): ResultField[] {
  return inOrder(columns).map(({ name, type, unsigned }) => ({
    name,
    columnType: FIELD_TYPES[type] ?? type,
    flags: unsigned ? 32 : 0,
    characterSet: type === MYSQL.BLOB ? characterSet : 63,
  }));
}

/** A row of a binary result: its columns in the order of the record, then those without a field. */
export function valuePacket(columns: readonly Column[], cells: readonly Cell[]): Buffer {
  const selected = inOrder(columns);
  const nulls = Buffer.alloc((selected.length + 9) >> 3);
  const values = selected.map((one, index) => {
    const cell = cells[columns.indexOf(one)] ?? null;
    if (cell !== null) return value(one, cell);
    nulls[(index + 2) >> 3]! |= 1 << ((index + 2) & 7);
    return Buffer.alloc(0);
  });
  return Buffer.concat([Buffer.from([0]), nulls, ...values]);
}

function inOrder(columns: readonly Column[]): Column[] {
  const known = SLOTS.flatMap((name) => columns.filter((column) => column.name === name));
  return [...known, ...columns.filter((column) => !known.includes(column))];
}

const WIDTHS: Readonly<Record<number, number>> = {
  [MYSQL.TINY]: 1,
  [MYSQL.SHORT]: 2,
  [MYSQL.INT24]: 4,
  [MYSQL.LONG]: 4,
  [MYSQL.LONGLONG]: 8,
};

function value({ type }: Column, cell: NonNullable<Cell>): Buffer {
  const bytes = Buffer.alloc(8);
  if (isTime(cell)) return time(cell);
  if (typeof cell === 'bigint') {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, cell));
    return bytes.subarray(0, WIDTHS[type]);
  }
  if (typeof cell === 'number') {
    if (type === MYSQL.FLOAT) return bytes.subarray(0, bytes.writeFloatLE(cell));
    return bytes.subarray(0, bytes.writeDoubleLE(cell));
  }
  return Buffer.concat([lengthOf(cell.length), cell]);
}

function lengthOf(length: number): Buffer {
  if (length < 0xfb) return Buffer.from([length]);
  const bytes = Buffer.alloc(9);
  const [first, width] = length <= 0xffff ? [0xfc, 2] : length <= 0xff_ffff ? [0xfd, 3] : [0xfe, 6];
  bytes[0] = first;
  bytes.writeUIntLE(length, 1, width);
  return bytes.subarray(0, width === 6 ? 9 : 1 + width);
}

/** As servers do: what is zero at the end is left out. */
function time({ year, month, day, hour, minute, second, micros }: TimeParts): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16LE(year, 1);
  bytes.set([month, day, hour, minute, second], 3);
  bytes.writeUInt32LE(micros, 8);
  const hasTime = hour > 0 || minute > 0 || second > 0;
  bytes[0] = micros > 0 ? 11 : hasTime ? 7 : year > 0 || month > 0 || day > 0 ? 4 : 0;
  return bytes.subarray(0, 1 + bytes[0]);
}
