import type { ClickHouseClient } from '@clickhouse/client';

import { inOurTerms } from './server-errors.ts';

/**
 * The highest id in the table, whoever has written it; null when it has no rows. Reads the whole column.
 *
 * @param table quoted, with its database.
 */
export async function highestId(
  client: ClickHouseClient,
  table: string,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    const answer = await client.query({
      query: `SELECT count() > 0 AS holds, toFloat64(max(id)) AS highest FROM ${table}`,
      format: 'JSONEachRow',
      abort_signal: signal,
    });
    const [found] = await answer.json<{ holds: number; highest: number }>();
    if (found === undefined) throw new Error(`no answer to which ids ${table} holds`);
    return found.holds === 0 ? null : found.highest;
  } catch (error) {
    signal.throwIfAborted();
    throw inOurTerms(error, 'asking for the highest id');
  }
}
