import { createHash } from 'node:crypto';

import { readAvro } from '@scoreline/files/testing';
import { type SampleRow, sampleRow } from '@scoreline/landing/testing';
import { folderFiles } from '@scoreline/local';

import type { Servers } from '../bad-input/servers.ts';
import { query } from '../harness/mysql.ts';
import type { Holding } from '../purge/oracle.ts';

interface Selected {
  readonly id: number;
  readonly monitor: number | null;
  readonly server: number;
  readonly seconds: number;
  readonly score: number;
  readonly step: number;
  readonly offset: number | null;
  readonly rtt: number | null;
  readonly attributes: string | null;
}

const MICROSECONDS = 1_000_000;

/** Rows of the source in the order of their ids, as the archiver asks for them. */
export async function sourceRows(adminDsn: string, where = 'TRUE'): Promise<readonly SampleRow[]> {
  const rows = await query<Selected>(
    adminDsn,
    `SELECT id, monitor_id AS monitor, server_id AS server, TIMESTAMPDIFF(SECOND, '1970-01-01', ts) AS seconds,
       score, step, \`offset\`, rtt, attributes FROM log_scores WHERE ${where} ORDER BY id`,
  );
  return rows.map(({ id, monitor, server, seconds, score, step, offset, rtt, attributes }) => {
    const { leap = null, error = null } = told(attributes);
    const which = { monitor_id: monitor, server_id: server, ts: seconds * MICROSECONDS };
    return sampleRow(id, { ...which, score, step, offset, rtt, leap, error });
  });
}

export async function clickhouseRows(
  servers: Servers,
  database: string,
): Promise<readonly SampleRow[]> {
  const text = await servers.clickhouse(
    `SELECT toFloat64(id) AS id, monitor_id, server_id, toUnixTimestamp(ts) AS ts, score, step, offset, rtt, leap, error
     FROM ${database}.log_scores FORMAT JSONEachRow`,
  );
  return text
    .split('\n')
    .map((line) => JSON.parse(line) as SampleRow)
    .map((row) => ({ ...row, ts: row.ts * MICROSECONDS }));
}

/** The archiver's files lie in the folder itself and have seconds, ours below it and microseconds. */
export async function fileRows(folder: string): Promise<readonly SampleRow[]> {
  const files = folderFiles(folder);
  const found: SampleRow[] = [];
  for (const name of await files.names()) {
    const { rows } = await readAvro(Buffer.from(await files.read(name)));
    const unit = name.includes('/') ? 1 : MICROSECONDS;
    found.push(...rows.map((row) => ({ ...row, ts: row.ts * unit })));
  }
  return found;
}

/** By what both the archiver's columns and its files keep: single precision, seconds, and 0 for no monitor. */
export function keptValues(rows: readonly SampleRow[]): Holding {
  const hashes = new Map<number, bigint>();
  const doubled = new Set<number>();
  for (const row of rows) {
    const { id, server_id, monitor_id: monitor, ts, score, step, offset, rtt, leap, error } = row;
    if (hashes.has(id)) doubled.add(id);
    const single = [score, step].map(Math.fround);
    const offsetKept = offset === null ? null : Math.fround(offset);
    const seconds = Math.floor(ts / MICROSECONDS);
    const leapKept = leap === 0 ? null : leap;
    const values = [
      id,
      server_id,
      monitor ?? 0,
      seconds,
      ...single,
      offsetKept,
      rtt,
      leapKept,
      error,
    ];
    const digest = createHash('sha256').update(JSON.stringify(values)).digest();
    hashes.set(id, digest.readBigUInt64LE());
  }
  return { hashes, doubled };
}

/** Of what is no JSON the archiver makes nothing. */
function told(attributes: string | null): { readonly leap?: number; readonly error?: string } {
  return attributes?.startsWith('{') === true
    ? (JSON.parse(attributes) as { readonly leap?: number; readonly error?: string })
    : {};
}
