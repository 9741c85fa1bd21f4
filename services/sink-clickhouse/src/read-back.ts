import type { ClickHouseClient } from '@clickhouse/client';
import type { LoadedRange } from '@scoreline/landing';
import { RetryableError } from '@scoreline/service';

import type { Column } from './columns.ts';
import { LandedIds } from './landed-ids.ts';

const DAY_US = 86_400_000_000;
const ID_BYTES = 8;

export interface ReadBackTable {
  readonly client: ClickHouseClient;
  /** Quoted, with its database. */
  readonly table: string;
  readonly columns: readonly Column[];
}

export interface ReadBackOptions {
  /** See `WriteAttempt.heldUpTo`. */
  readonly heldUpTo?: number | undefined;
  readonly signal: AbortSignal;
}

/** Asks the table which of the range's rows it holds. Reads ids only, of the range's days and between its ends. */
export async function readBack(
  { client, table, columns }: ReadBackTable,
  range: LoadedRange,
  { heldUpTo, signal }: ReadBackOptions,
): Promise<LandedIds> {
  // Where the table does not make its day itself, another writer may have made it in a zone of its own.
  const margin = columns.some(({ name, convert }) => name === 'dt' && convert) ? 1 : 0;
  const landed = new LandedIds(range, heldUpTo);
  const { stream } = await client.exec({
    query: `SELECT id FROM ${table}
      WHERE dt IN {days:Array(Date)} AND id BETWEEN {min:UInt64} AND {max:UInt64}
      FORMAT RowBinary`,
    query_params: { days: daysOf(range, margin), min: range.minId, max: range.maxId },
    clickhouse_settings: { wait_end_of_query: 1, max_threads: 2 },
    abort_signal: signal,
  });
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    const whole = bytes.length - (bytes.length % ID_BYTES);
    for (let at = 0; at < whole; at += ID_BYTES) {
      landed.see(bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32);
    }
    rest = bytes.subarray(whole);
  }
  if (rest.length === 0) return landed;
  throw new RetryableError('the answer to a read-back was cut off', { code: 'read-back-cut' });
}

/** `2025-11-14`, in UTC as the table's `dt`, and as many days before and after as the margin says. */
export function daysOf({ timestampsUs }: LoadedRange, margin = 0): string[] {
  const days = new Set<number>();
  for (const us of timestampsUs) {
    const day = Math.floor(us / DAY_US);
    for (let near = day - margin; near <= day + margin; near++) days.add(near);
  }
  return [...days]
    .sort((a, b) => a - b)
    .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));
}
