import { FIRST_DAY_US, type SampleRow } from '@scoreline/landing/testing';

import type { TestDatabase } from './database.ts';

/** What follows `CREATE TABLE log_scores` where the archiver makes it. */
export const ARCHIVER_TABLE = `(dt Date, id UInt64, monitor_id UInt32, server_id UInt32, ts DateTime, score Float32,
  step Float32, offset Nullable(Float64), rtt Nullable(UInt32), leap Nullable(UInt8),
  warning Nullable(String), error Nullable(String)) ENGINE = MergeTree PARTITION BY dt ORDER BY (server_id, ts)`;

/** Makes the table as the archiver does. */
export async function archiverTable({ client, name }: TestDatabase): Promise<void> {
  await client.command({ query: `CREATE TABLE ${name}.log_scores ${ARCHIVER_TABLE}` });
}

/** Fills it as the archiver does: NULL as monitor 0, leap 0 as NULL, no warnings, and the day in `zone`. */
export async function archive(
  { client, name }: TestDatabase,
  rows: readonly SampleRow[],
  zone = 'UTC',
): Promise<void> {
  const values = rows.map((row) => {
    const { id, monitor_id: monitor, server_id: server, ts, score, step, offset, rtt, error } = row;
    const seconds = Math.floor(ts / 1_000_000);
    const dt = new Date(seconds * 1000).toLocaleDateString('sv-SE', { timeZone: zone });
    const text = error === null ? 'NULL' : `'${error}'`;
    const leap = row.leap || 'NULL';
    return `('${dt}', ${id}, ${monitor ?? 0}, ${server}, ${seconds}, ${score}, ${step}, ${offset}, ${rtt}, ${leap}, ${text})`;
  });
  await client.command({
    query: `INSERT INTO ${name}.log_scores
      (dt, id, monitor_id, server_id, ts, score, step, offset, rtt, leap, error) VALUES ${values.join(', ')}`,
  });
}

/** Ten minutes before a day begins in UTC. */
export const LATE_IN_THE_DAY_US = FIRST_DAY_US + 86_400_000_000 - 600_000_000;
