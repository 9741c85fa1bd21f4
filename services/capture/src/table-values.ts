import { RowError, type SqlColumn } from '@scoreline/schema';
import { PermanentError } from '@scoreline/service';

import type { TableName } from './statement.ts';

/**
 * An id that SQL told, as a number.
 *
 * @throws PermanentError `row-unreadable` for one that a record cannot hold.
 */
export function idOf(value: unknown, table: TableName): number {
  const text = String(value);
  const id = Number(text);
  if (id >= 1 && Number.isSafeInteger(id)) return id;
  throw unreadableRow(
    table,
    new RowError('id', text, id < 1 ? 'it is below 1' : 'it is above 2^53 - 1'),
  );
}

/** A time, microseconds since the epoch, as the table's `ts` would hold it. */
export function dateTimeLiteral(
  dateUs: number,
  {
    columns,
    utcOffsetMinutes,
  }: { readonly columns: readonly SqlColumn[]; readonly utcOffsetMinutes: number },
): string {
  const isTimestamp = columns.find(({ name }) => name === 'ts')?.dataType === 'timestamp';
  const seconds = Math.floor(dateUs / 1e6);
  const local = seconds + (isTimestamp ? 0 : utcOffsetMinutes * 60);
  const text = new Date(local * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `TIMESTAMP'${text}.${String(dateUs - seconds * 1e6).padStart(6, '0')}'`;
}

/** A RowError with where it was read; any other error as it is. */
export function unreadableRow({ database, table }: TableName, error: unknown): unknown {
  if (!(error instanceof RowError)) return error;
  return new PermanentError(`${database}.${table}: ${error.message}`, {
    code: 'row-unreadable',
    remedy:
      'Correct or delete the row in the table if it must not be there; or start a release that can read it.',
    cause: error,
  });
}

export function tableChanged(
  { database, table }: TableName,
  problems: readonly string[],
): PermanentError {
  return new PermanentError(
    `${database}.${table} has changed while it was read: ${problems.join('; ')}`,
    {
      code: 'table-changed',
      remedy: 'Start again once the ALTER is through: the columns are looked at again then.',
    },
  );
}
