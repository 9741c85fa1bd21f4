import type { Range } from '@scoreline/landing';

import type { BigQueryApi } from './api.ts';
import type { TableName } from './load-jobs.ts';
import { integerOf, queryRows } from './query.ts';
import { quoted } from './table-schema.ts';

/** A query's text may have a million characters. */
const IDS_A_QUERY = 10_000;

export interface Answer {
  readonly asked: number;
  readonly found: number;
}

/**
 * How many of a range's rows the table holds, by their ids: between the lowest and the highest there
 * are those of other partitions too. The times are asked for so that only the days concerned are
 * read. Of a load job, which is all or nothing, one query's worth of ids says as much as all of them.
 */
export async function rowsThere(
  api: BigQueryApi,
  table: TableName & { readonly location: string },
  range: Range,
  { all, signal }: { readonly all: boolean; readonly signal: AbortSignal },
): Promise<Answer> {
  let asked = 0;
  let found = 0;
  for await (const { ids } of range.chunks()) {
    for (let from = 0; from < ids.length; from += IDS_A_QUERY) {
      const some = ids.subarray(from, from + IDS_A_QUERY);
      asked += some.length;
      found += await countOf(api, table.location, statement(table, range, some), signal);
      if (!all) return { asked, found };
    }
  }
  return { asked, found };
}

export function statement(table: TableName, range: Range, ids: Float64Array): string {
  const { minTs, maxTs } = range;
  return `SELECT COUNT(*) FROM ${quoted(table)} WHERE ts BETWEEN TIMESTAMP_MICROS(${minTs}) AND TIMESTAMP_MICROS(${maxTs}) AND id IN (${ids.join(',')})`;
}

async function countOf(
  api: BigQueryApi,
  location: string,
  sql: string,
  signal: AbortSignal,
): Promise<number> {
  let count: string | null | undefined;
  for await (const [row] of queryRows(api, { sql, location, signal })) count = row?.[0];
  return integerOf(count);
}
