import { RetryableError } from '@scoreline/service';

import type { BigQueryApi } from './api.ts';

const QUERY_TIMEOUT_MS = 30_000;

/** A value as text, as the API gives all of them. */
export type QueryRow = readonly (string | null)[];

export interface Query {
  readonly sql: string;
  readonly location: string;
  /** Of one answer; BigQuery ends a page at 10 MB in any case. */
  readonly pageRows?: number;
  readonly signal: AbortSignal;
}

interface QueryAnswer {
  readonly jobComplete?: boolean;
  readonly jobReference?: { readonly jobId?: string };
  readonly pageToken?: string;
  readonly totalRows?: string;
  readonly rows?: readonly { readonly f: readonly { readonly v: string | null }[] }[];
}

/**
 * What a query answers, page by page. It reads, so one whose answer is lost is simply asked again.
 *
 * @throws ApiError, or the signal's reason; RetryableError when pages are missing.
 */
export async function* queryRows(
  api: BigQueryApi,
  { sql, location, pageRows = 500_000, signal }: Query,
): AsyncGenerator<readonly QueryRow[], void> {
  const timeoutMs = QUERY_TIMEOUT_MS;
  let answer = await api.send<QueryAnswer>({
    method: 'POST',
    path: 'queries',
    body: {
      query: sql,
      location,
      timeoutMs,
      maxResults: pageRows,
      useLegacySql: false,
      useQueryCache: false,
    },
    signal,
  });
  const jobId = answer.jobReference?.jobId ?? '';
  const next = (pageToken?: string) =>
    api.send<QueryAnswer>({
      path: `queries/${jobId}`,
      query: {
        location,
        timeoutMs: String(timeoutMs),
        maxResults: String(pageRows),
        ...(pageToken === undefined ? {} : { pageToken }),
      },
      signal,
    });
  while (answer.jobComplete === false) answer = await next();
  const total = Number(answer.totalRows);
  let seen = 0;
  for (;;) {
    const rows = (answer.rows ?? []).map(({ f }) => f.map(({ v }) => v));
    seen += rows.length;
    yield rows;
    const { pageToken } = answer;
    if (pageToken === undefined || pageToken === '') break;
    answer = await next(pageToken);
  }
  if (seen === total) return;
  throw new RetryableError(`of ${total} rows of a query's answer ${seen} have come`, {
    code: 'bigquery-answer-cut',
  });
}

/** @throws RetryableError when it is no whole number. */
export function integerOf(value: string | null | undefined): number {
  if (typeof value === 'string' && /^\d+$/.test(value)) return Number(value);
  throw new RetryableError(`a query is answered with ${value}, which is no number`, {
    code: 'bigquery-answer-cut',
  });
}
