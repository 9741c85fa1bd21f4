import { setTimeout as delay } from 'node:timers/promises';

import type { ClickHouseClient } from '@clickhouse/client';
import { RetryableError } from '@scoreline/service';

const LOOKS = 50;
const LOOK_MS = 200;

/**
 * Ends inserts of a range that nobody waits for any more: one whose client was killed, or lost its
 * connection, goes on. Only when none is left does what the table holds stay as it is.
 *
 * @param identity query ids begin with it.
 */
export async function endStragglers(
  client: ClickHouseClient,
  identity: string,
  signal: AbortSignal,
): Promise<void> {
  const query_params = { identity };
  for (let look = 0; look < LOOKS; look++) {
    const answer = await client.query({
      query: 'SELECT query_id FROM system.processes WHERE startsWith(query_id, {identity:String})',
      format: 'JSONEachRow',
      query_params,
      abort_signal: signal,
    });
    const running = await answer.json<{ query_id: string }>();
    if (running.length === 0) return;
    await client.command({
      query: 'KILL QUERY WHERE startsWith(query_id, {identity:String}) SYNC',
      query_params,
      abort_signal: signal,
    });
    await delay(LOOK_MS, undefined, { signal });
  }
  throw new RetryableError(`an insert of ${identity} cannot be ended`, {
    code: 'straggler',
    remedy:
      'Look at system.processes; KILL QUERY takes effect when the query comes to its next block.',
  });
}
