import { identifier, type TableColumn, utcOffsetMinutes } from '@scoreline/database';

export interface CutoffOptions {
  readonly retentionDays: number;
  /** What a DATETIME without a zone means; a TIMESTAMP has one. */
  readonly timeZone: string | undefined;
}

/**
 * A condition on `ts`: older than so many days on the server's own clock, when the statement runs. A row
 * without a time is never old.
 */
export function isOldSql(
  ts: Pick<TableColumn, 'dataType'>,
  { retentionDays, timeZone }: CutoffOptions,
): string {
  const minutes = ts.dataType === 'timestamp' ? 0 : (utcOffsetMinutes(timeZone) ?? 0);
  const now = minutes === 0 ? 'UTC_TIMESTAMP()' : `UTC_TIMESTAMP() + INTERVAL ${minutes} MINUTE`;
  return `ts < ${now} - INTERVAL ${retentionDays} DAY`;
}

/** Text may be long and hold commas: its hash stands for it. */
const HASHED = /char|text|blob|binary|json|enum|set|geometry|point|linestring|polygon|collection/;
/** What no other column type is written as. */
const NULL_MARK = "'N'";

/**
 * A number of 64 bits that stands for a row: for all columns in their order, and each value as exactly as
 * the server can tell it. SHA2, since MySQL 9.7 has no other hash function left. A hash of hashes is short:
 * a text that is longer than a packet would make a concatenation NULL, and the row nothing.
 */
export function rowHashSql(columns: readonly TableColumn[]): string {
  const values = columns.map((column) => `IFNULL(${valueSql(column)}, ${NULL_MARK})`);
  const hash = `SHA2(CONCAT_WS(',', ${values.join(', ')}), 256)`;
  return `CAST(CONV(LEFT(${hash}, 16), 16, 10) AS UNSIGNED)`;
}

function valueSql({ name, dataType }: TableColumn): string {
  const column = identifier(name);
  // A FLOAT is shown with 6 digits; as a DOUBLE with all it holds. Of a DOUBLE only the column itself is: what
  // MySQL has computed is cut to 22 characters, which -2.2250738585072014e-308 exceeds.
  if (dataType === 'float') return `${column} * 1E0`;
  if (dataType === 'bit') return `CAST(${column} AS UNSIGNED)`;
  if (HASHED.test(dataType)) return `SHA2(${column}, 256)`;
  return NUMBERS_AND_TIMES.has(dataType) ? column : `SHA2(CAST(${column} AS BINARY), 256)`;
}

const NUMBERS_AND_TIMES = new Set([
  'tinyint',
  'smallint',
  'mediumint',
  'int',
  'bigint',
  'decimal',
  'double',
  'year',
  'date',
  'time',
  'datetime',
  'timestamp',
]);

/**
 * Exactly these rows, by the primary key: the bounds keep the server from the rest of the table should it
 * not use the list.
 */
export function thoseSql(ids: readonly number[]): string {
  let [least] = ids;
  if (least === undefined) throw new RangeError('no ids');
  let greatest = least;
  for (const id of ids) {
    if (!Number.isSafeInteger(id) || id < 1) throw new RangeError(`not an id: ${id}`);
    if (id < least) least = id;
    if (id > greatest) greatest = id;
  }
  return `id BETWEEN ${least} AND ${greatest} AND id IN (${ids.join()})`;
}
