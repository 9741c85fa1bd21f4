import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';

/**
 * Newer servers ask these before `insert_deduplicate`, and a user's profile may have set them: then a
 * token says nothing, and nothing says so.
 */
const NEWER = {
  deduplicate_insert: 'enable',
  deduplicate_insert_select: 'enable_even_for_bad_queries',
} as const;

/** What this server must be told so that tokens count. A server that does not know a setting refuses it. */
export async function deduplicationSettings(client: ClickHouseClient): Promise<ClickHouseSettings> {
  const answer = await client.query({
    query: 'SELECT name FROM system.settings WHERE name IN {names:Array(String)}',
    query_params: { names: Object.keys(NEWER) },
    format: 'JSONEachRow',
  });
  const known = await answer.json<{ name: keyof typeof NEWER }>();
  return Object.fromEntries(known.map(({ name }) => [name, NEWER[name]]));
}
