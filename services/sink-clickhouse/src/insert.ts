import { Readable } from 'node:stream';

import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { RetryableError } from '@scoreline/service';

import { BLOCK_SETTINGS } from './statements.ts';

export interface Insert {
  /** See `insertStatement`. */
  readonly statement: string;
  readonly container: readonly Buffer[];
  /** Same token and same bytes: the same insert, and done once. Other rows under a used token are dropped. */
  readonly token: string;
  readonly queryId: string;
  /** Beside those that decide about blocks. */
  readonly settings: ClickHouseSettings;
}

/**
 * Sends one Avro container. Resolves when ClickHouse has acknowledged all of it; that rows were
 * written it says of a repeat as well.
 */
export async function insert(
  client: ClickHouseClient,
  { statement, container, token, queryId, settings }: Insert,
  signal: AbortSignal,
): Promise<void> {
  // The client looks at a signal only when it changes.
  signal.throwIfAborted();
  const { stream, response_headers: headers } = await client.exec({
    query: statement,
    values: Readable.from(container, { objectMode: false }),
    query_id: queryId,
    abort_signal: signal,
    clickhouse_settings: { ...settings, ...BLOCK_SETTINGS, insert_deduplication_token: token },
  });
  const said = await text(stream);
  // The status is sent before the end is known, so that 200 can be followed by an exception.
  const code = headers['x-clickhouse-exception-code'];
  if (said === '' && code === undefined) return;
  throw new RetryableError(
    `ClickHouse answered an insert with 200 and ${String(code ?? '')} ${said.slice(0, 500)}`,
    { code: 'clickhouse-exception-in-answer' },
  );
}

async function text(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString('utf8');
}
