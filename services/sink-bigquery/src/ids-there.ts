import { IdSet, type Range } from '@scoreline/landing';

import type { BigQueryApi } from './api.ts';
import type { TableName } from './load-jobs.ts';
import { integerOf, queryRows } from './query.ts';
import { quoted } from './table-schema.ts';

const DAY_US = 86_400_000_000;

/** Ids come as numbers of so many bits: an answer of a hundred million of them is a few pages. */
const WORD_IDS = 32;

export interface AskedTable extends TableName {
  readonly location: string;
}

/** The highest id that the table holds, whoever has written it; null when it has no rows. */
export async function highestId(
  api: BigQueryApi,
  table: AskedTable,
  signal: AbortSignal,
): Promise<number | null> {
  // Some tables are not read without a condition on their partitions.
  const sql = `SELECT MAX(id) FROM ${quoted(table)} WHERE ts >= TIMESTAMP_MICROS(0)`;
  for await (const [row] of queryRows(api, { sql, location: table.location, signal })) {
    if (row !== undefined) return row[0] === null ? null : integerOf(row[0]);
  }
  return null;
}

/** The ids that the table holds between the lowest and the highest of the range, of whichever partition. */
export async function idsThere(
  api: BigQueryApi,
  table: AskedTable,
  range: Range,
  { signal, pageRows }: { readonly signal: AbortSignal; readonly pageRows?: number },
): Promise<IdSet> {
  const there = new IdSet();
  const query = { sql: statement(table, range), location: table.location, signal };
  const paged = pageRows === undefined ? query : { ...query, pageRows };
  for await (const rows of queryRows(api, paged)) {
    for (const [word, bits] of rows) addWord(there, integerOf(word), integerOf(bits));
  }
  return there;
}

/** Only the days concerned are read, and one on each side: whoever wrote the rows may have rounded their time. */
function statement(table: TableName, { minId, maxId, minTs, maxTs }: Range): string {
  return `SELECT DIV(id, ${WORD_IDS}) AS word, BIT_OR(1 << MOD(id, ${WORD_IDS})) AS bits FROM ${quoted(table)} WHERE ts BETWEEN TIMESTAMP_MICROS(${minTs - DAY_US}) AND TIMESTAMP_MICROS(${maxTs + DAY_US}) AND id BETWEEN ${minId} AND ${maxId} GROUP BY word`;
}

function addWord(there: IdSet, word: number, bits: number): void {
  for (let bit = 0, left = bits; left > 0; bit++, left = Math.floor(left / 2)) {
    if (left % 2 === 1) there.add(word * WORD_IDS + bit);
  }
}
