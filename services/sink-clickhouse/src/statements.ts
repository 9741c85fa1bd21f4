import type { ClickHouseSettings } from '@clickhouse/client';

import type { Column } from './columns.ts';

/** `database`.`table`, quoted. */
export function quoted(...names: readonly string[]): string {
  return names
    .map((name) => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``)
    .join('.');
}

/** Whether rows say it; else the column's default does. */
export function isInserted({ input, convert }: Column): boolean {
  return (input ?? convert) !== undefined;
}

export function insertStatement(table: string, columns: readonly Column[]): string {
  const inserted = columns.filter(isInserted);
  const read = columns.filter(({ input }) => input !== undefined);
  const names = inserted.map(({ name }) => quoted(name)).join(', ');
  const values = inserted.map(({ name, convert }) => convert ?? quoted(name)).join(', ');
  const input = read.map(({ name, input: type }) => `${quoted(name)} ${type}`).join(', ');
  const text = input.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return `INSERT INTO ${table} (${names}) SELECT ${values} FROM input('${text}') FORMAT Avro`;
}

/** More rows and bytes than a range has: it becomes one block, whatever the server's or user's defaults are. */
const MORE_ROWS = '1048576';
const MORE_BYTES = String(2 ** 32);

/**
 * What decides into which blocks an insert is cut. A deduplication token holds only while those are
 * the same, so each is said in every insert: a profile that changes between an insert and its repeat
 * changes nothing.
 */
export const BLOCK_SETTINGS: ClickHouseSettings = {
  async_insert: 0,
  insert_deduplicate: 1,
  max_insert_block_size: MORE_ROWS,
  max_block_size: MORE_ROWS,
  min_insert_block_size_rows: MORE_ROWS,
  min_insert_block_size_bytes: MORE_BYTES,
  max_insert_threads: '1',
  max_threads: 1,
  input_format_parallel_parsing: 0,
  max_partitions_per_insert_block: '0',
  input_format_avro_null_as_default: 0,
  insert_null_as_default: 0,
  // The answer waits for the end, so that an exception comes with its status.
  wait_end_of_query: 1,
};
