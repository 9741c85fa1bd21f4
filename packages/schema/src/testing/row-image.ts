import type { Column } from '../columns.ts';
import { MYSQL } from '../mysql-types.ts';

/** What a test puts into a column: an integer, a double, a time in its parts, a text's bytes, NULL. */
export type Cell = bigint | number | TimeParts | Buffer | null;

export interface TimeParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
}

export function isTime(cell: Cell): cell is TimeParts {
  return typeof cell === 'object' && cell !== null && !Buffer.isBuffer(cell);
}

/** A column with defaults for what its type does not use. */
export function column(name: string, type: number, more: Partial<Column> = {}): Column {
  return { name, type, unsigned: false, charset: null, decimals: 0, lengthBytes: 0, ...more };
}

/** The columns of the pool's table. */
export const POOL_COLUMNS: readonly Column[] = [
  column('id', MYSQL.LONGLONG, { unsigned: true }),
  column('monitor_id', MYSQL.LONG, { unsigned: true }),
  column('server_id', MYSQL.LONG, { unsigned: true }),
  column('ts', MYSQL.DATETIME2),
  column('score', MYSQL.DOUBLE),
  column('step', MYSQL.DOUBLE),
  column('offset', MYSQL.DOUBLE),
  column('rtt', MYSQL.INT24),
  column('attributes', MYSQL.BLOB, { charset: 'utf8mb3', lengthBytes: 2 }),
];

/** One row as WRITE_ROWS holds it with every column present: NULL bitmap, then the values. */
export function rowImage(columns: readonly Column[], cells: readonly Cell[]): Buffer {
  const nulls = Buffer.alloc((columns.length + 7) >> 3);
  const values = columns.map((one, index) => {
    const cell = cells[index] ?? null;
    if (cell !== null) return value(one, cell);
    nulls[index >> 3]! |= 1 << (index & 7);
    return Buffer.alloc(0);
  });
  return Buffer.concat([nulls, ...values]);
}

/** A whole WRITE_ROWS_EVENT_V2 behind its common header, without a checksum. */
export function writeRowsBody(
  tableId: number,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
): Buffer {
  const head = Buffer.alloc(10);
  head.writeUIntLE(tableId, 0, 6);
  head.writeUInt16LE(1, 6);
  head.writeUInt16LE(2, 8);
  const bitmap = Buffer.alloc((columns.length + 7) >> 3, 0xff);
  return Buffer.concat([
    head,
    Buffer.from([columns.length]),
    bitmap,
    ...rows.map((cells) => rowImage(columns, cells)),
  ]);
}

const WIDTHS: Readonly<Record<number, number>> = {
  [MYSQL.TINY]: 1,
  [MYSQL.SHORT]: 2,
  [MYSQL.INT24]: 3,
  [MYSQL.LONG]: 4,
  [MYSQL.LONGLONG]: 8,
};

function value({ type, decimals, lengthBytes }: Column, cell: NonNullable<Cell>): Buffer {
  const bytes = Buffer.alloc(8);
  if (typeof cell === 'bigint') {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, cell));
    return bytes.subarray(0, WIDTHS[type]);
  }
  if (typeof cell === 'number') {
    if (type === MYSQL.FLOAT) return bytes.subarray(0, bytes.writeFloatLE(cell));
    return bytes.subarray(0, bytes.writeDoubleLE(cell));
  }
  if (Buffer.isBuffer(cell)) {
    const length = Buffer.alloc(lengthBytes);
    length.writeUIntLE(cell.length, 0, lengthBytes);
    return Buffer.concat([length, cell]);
  }
  return Buffer.concat([
    type === MYSQL.TIMESTAMP2 ? timestamp(cell) : datetime(cell),
    fraction(cell.micros, decimals),
  ]);
}

function timestamp({ year, month, day, hour, minute, second }: TimeParts): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(Date.UTC(year, month - 1, day, hour, minute, second) / 1000);
  return bytes;
}

function datetime({ year, month, day, hour, minute, second }: TimeParts): Buffer {
  const date = BigInt(((year * 13 + month) << 5) | day);
  const time = BigInt((hour << 12) | (minute << 6) | second);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE((1n << 39n) | (date << 17n) | time);
  return bytes.subarray(3);
}

function fraction(micros: number, decimals: number): Buffer {
  const width = (decimals + 1) >> 1;
  if (width === 0) return Buffer.alloc(0);
  const bytes = Buffer.alloc(width);
  bytes.writeUIntBE(Math.floor(micros / 10 ** (6 - 2 * width)), 0, width);
  return bytes;
}
