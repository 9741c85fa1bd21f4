import type { ClickHouseClient } from '@clickhouse/client';
import type { LoadedRange } from '@scoreline/landing';
import { RetryableError } from '@scoreline/service';

import { LandedIds } from './landed-ids.ts';

const DAY_US = 86_400_000_000;
const ID_BYTES = 8;

/** Asks the table which of the range's rows it holds. Reads ids only, of the range's days and between its ends. */
export async function readBack(
  client: ClickHouseClient,
  table: string,
  range: LoadedRange,
  signal: AbortSignal,
): Promise<LandedIds> {
  const landed = new LandedIds(range);
  const { stream } = await client.exec({
    query: `SELECT id FROM ${table}
      WHERE dt IN {days:Array(Date)} AND id BETWEEN {min:UInt64} AND {max:UInt64}
      FORMAT RowBinary`,
    query_params: { days: daysOf(range), min: range.minId, max: range.maxId },
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

/** `2025-11-14`, in UTC as the table's `dt`. */
export function daysOf({ timestampsUs }: LoadedRange): string[] {
  const days = new Set<number>();
  for (const us of timestampsUs) days.add(Math.floor(us / DAY_US));
  return [...days]
    .sort((a, b) => a - b)
    .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));
}
