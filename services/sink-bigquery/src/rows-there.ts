import type { Range } from '@scoreline/landing';
import { RetryableError } from '@scoreline/service';

import type { BigQueryApi } from './api.ts';
import type { TableName } from './load-jobs.ts';
import { quoted } from './table-schema.ts';

/** A query's text may have a million characters. */
const IDS_A_QUERY = 10_000;
const QUERY_TIMEOUT_MS = 30_000;

interface QueryAnswer {
  readonly jobComplete?: boolean;
  readonly jobReference?: { readonly jobId?: string };
  readonly rows?: readonly { readonly f: readonly { readonly v: string }[] }[];
}

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
  query: string,
  signal: AbortSignal,
): Promise<number> {
  const timeoutMs = QUERY_TIMEOUT_MS;
  let answer = await api.send<QueryAnswer>({
    method: 'POST',
    path: 'queries',
    body: { query, location, timeoutMs, useLegacySql: false, useQueryCache: false },
    signal,
  });
  while (answer.jobComplete === false) {
    answer = await api.send<QueryAnswer>({
      path: `queries/${answer.jobReference?.jobId ?? ''}`,
      query: { location, timeoutMs: String(timeoutMs) },
      signal,
    });
  }
  const value = answer.rows?.[0]?.f[0]?.v;
  if (value === undefined || !/^\d+$/.test(value)) {
    throw new RetryableError('a count of rows has no answer', { code: 'bigquery-unreachable' });
  }
  return Number(value);
}
