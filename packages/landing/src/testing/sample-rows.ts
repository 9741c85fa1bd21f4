import { LOG_SCORE_V1 } from '@scoreline/schema';
import avsc from 'avsc';

/** One row as the schema has it; timestamps in microseconds. */
export interface SampleRow {
  id: number;
  server_id: number;
  monitor_id: number | null;
  ts: number;
  score: number;
  step: number;
  offset: number | null;
  rtt: number | null;
  leap: number | null;
  stratum: number | null;
  no_response: boolean | null;
  error: string | null;
  warning: string | null;
  from_ls_id: number | null;
  from_ss_id: number | null;
  attributes: string | null;
  extra: Readonly<Record<string, string>>;
}

const type = avsc.Type.forSchema(LOG_SCORE_V1 as unknown as avsc.Schema);

/** 2025-11-13 00:00 UTC. */
export const FIRST_DAY_US = 1_762_992_000_000_000;

/** The same row for the same id: 1,000 ids a second, so a day has 86,400,000. */
export function sampleRow(id: number, change: Partial<SampleRow> = {}): SampleRow {
  return {
    id,
    server_id: (id * 7919) % 5000,
    monitor_id: id % 11 === 0 ? null : id % 40,
    ts: FIRST_DAY_US + id * 1000,
    score: 20 - (id % 100) / 10,
    step: id % 13 === 0 ? -5 : 1,
    offset: id % 17 === 0 ? null : ((id % 1000) - 500) / 1e5,
    rtt: id % 17 === 0 ? null : 1000 + (id % 90_000),
    leap: id % 3 === 0 ? 0 : null,
    stratum: id % 17 === 0 ? null : 1 + (id % 4),
    no_response: id % 17 === 0 ? true : null,
    error: id % 17 === 0 ? 'i/o timeout' : null,
    warning: id % 101 === 0 ? 'überrascht' : null,
    from_ls_id: null,
    from_ss_id: null,
    attributes: null,
    extra: {},
    ...change,
  };
}

export function encodeRow(row: SampleRow): Buffer {
  return type.toBuffer(row);
}

export function decodeRow(datum: Buffer): SampleRow {
  const row = type.fromBuffer(datum) as SampleRow;
  // Avsc's objects have classes of their own.
  return { ...row, extra: { ...row.extra } };
}
