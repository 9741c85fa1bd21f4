/** What a system is asked to do. One name, one backlog, one way to time it. */
export const WORKS = [
  'capture-bulk',
  'capture-single',
  'capture-reconcile',
  'capture-freshness',
  'landing-clickhouse',
  'landing-file-null',
  'landing-file-deflate',
  'landing-gcs-null',
  'landing-gcs-deflate',
  'landing-s3-null',
  'landing-s3-deflate',
  'landing-bigquery',
  'landing-large',
  'ledger-load',
  'purge',
] as const;
export type Work = (typeof WORKS)[number];
export type LandingWork = Extract<Work, `landing-${string}`>;

export type System =
  | 'scoreline'
  | 'debezium'
  | 'debezium-avro'
  | 'maxwell'
  | 'clickhouse-kafka-engine'
  | 'clickhouse-kafka-engine-2'
  | 'clickhouse-kafka-connect'
  | 'archiver'
  | 'pt-archiver-style';

/** One drained backlog, after its rows were found to be all there, once each. */
export interface Measured {
  /** Rows that moved within `seconds`. */
  readonly rows: number;
  readonly seconds: number;
  /** Of the measured process, user and system, within `seconds`. */
  readonly cpuSeconds: number;
  /** Of the server that works for it, where one does: ClickHouse, or MariaDB when rows are deleted. */
  readonly serverCpuSeconds?: number;
  /** Highest resident set of the measured process, MB of 2^20 bytes. */
  readonly rssMb: number;
  /** What its result takes, where the work is to have something in memory: MB of 2^20 bytes. */
  readonly heldMb?: number;
  /** Age that 99 of 100 new rows did not exceed when they could be read, where that is watched. */
  readonly freshP99Ms?: number;
}

/** A system's result for one work: the median of its rounds. */
export interface Result {
  readonly system: System;
  readonly work: Work;
  /** Rows of the backlog. */
  readonly rows: number;
  readonly rowsPerS: number;
  readonly rowsPerSMin: number;
  readonly rowsPerSMax: number;
  /** Median of what was timed. */
  readonly seconds: number;
  readonly cpuSPerMillion: number;
  readonly serverCpuSPerMillion: number | null;
  /** The highest of all rounds: a bound on memory holds always or not at all. */
  readonly rssMb: number;
  /** The highest of all rounds, too. */
  readonly heldMb: number | null;
  /** The highest of all rounds, too. */
  readonly freshP99Ms: number | null;
  readonly rounds: number;
}

/** A peer that cannot be had here, and why. */
export interface Missing {
  readonly system: System;
  readonly work: Work;
  readonly missing: string;
}

export type Outcome = Result | Missing;

export function isLanding(work: Work): work is LandingWork {
  return work.startsWith('landing-');
}

export function isMissing(outcome: Outcome): outcome is Missing {
  return 'missing' in outcome;
}
