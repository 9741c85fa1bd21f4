import { isMissing, type Outcome, type Result, type System, type Work } from './measurement.ts';

type Measure = 'rowsPerS' | 'cpuSPerMillion' | 'rssMb' | 'seconds' | 'heldMb' | 'freshP99Ms';

/** A figure of ours against a number, or against a peer's figure from the same run. */
export type Goal = { readonly work: Work; readonly measure: Measure } & (
  | { readonly atLeast: number }
  | { readonly atMost: number }
  | { readonly below: number }
  | { readonly times: number; readonly peer: System }
);

export const GOALS: readonly Goal[] = [
  { work: 'capture-bulk', measure: 'rowsPerS', times: 4, peer: 'maxwell' },
  { work: 'capture-bulk', measure: 'rowsPerS', times: 12, peer: 'debezium' },
  { work: 'capture-bulk', measure: 'rowsPerS', atLeast: 700_000 },
  { work: 'capture-bulk', measure: 'cpuSPerMillion', atMost: 1.5 },
  { work: 'capture-bulk', measure: 'rssMb', below: 300 },
  { work: 'capture-single', measure: 'rowsPerS', times: 2, peer: 'maxwell' },
  { work: 'capture-single', measure: 'rssMb', below: 300 },
  { work: 'capture-reconcile', measure: 'rssMb', below: 300 },
  { work: 'capture-freshness', measure: 'freshP99Ms', below: 1_000 },
  { work: 'capture-freshness', measure: 'rssMb', below: 300 },
  { work: 'landing-clickhouse', measure: 'rowsPerS', times: 5, peer: 'clickhouse-kafka-engine' },
  { work: 'landing-clickhouse', measure: 'rowsPerS', times: 5, peer: 'clickhouse-kafka-connect' },
  { work: 'landing-clickhouse', measure: 'rowsPerS', atLeast: 1_000_000 },
  { work: 'landing-clickhouse', measure: 'rssMb', below: 400 },
  { work: 'landing-file-null', measure: 'rowsPerS', atLeast: 1_000_000 },
  { work: 'landing-file-null', measure: 'rssMb', below: 400 },
  { work: 'landing-file-deflate', measure: 'rowsPerS', atLeast: 300_000 },
  { work: 'landing-file-deflate', measure: 'rssMb', below: 400 },
  { work: 'landing-gcs-null', measure: 'rowsPerS', atLeast: 1_000_000 },
  { work: 'landing-gcs-null', measure: 'rssMb', below: 400 },
  { work: 'landing-gcs-deflate', measure: 'rowsPerS', atLeast: 300_000 },
  { work: 'landing-gcs-deflate', measure: 'rssMb', below: 400 },
  { work: 'landing-s3-null', measure: 'rowsPerS', atLeast: 1_000_000 },
  { work: 'landing-s3-null', measure: 'rssMb', below: 400 },
  { work: 'landing-s3-deflate', measure: 'rowsPerS', atLeast: 300_000 },
  { work: 'landing-s3-deflate', measure: 'rssMb', below: 400 },
  { work: 'landing-bigquery', measure: 'cpuSPerMillion', atMost: 1 },
  { work: 'landing-bigquery', measure: 'rssMb', below: 400 },
  { work: 'landing-large', measure: 'rssMb', below: 400 },
  { work: 'ledger-load', measure: 'seconds', below: 2 },
  { work: 'ledger-load', measure: 'heldMb', below: 64 },
  { work: 'purge', measure: 'rowsPerS', atLeast: 20_000 },
  { work: 'purge', measure: 'freshP99Ms', below: 1_000 },
];

export type Verdict = 'PASS' | 'MISS' | 'MISSING';

export interface Judged {
  readonly work: Work;
  /** The goal in words. */
  readonly goal: string;
  readonly verdict: Verdict;
  /** What was seen, or why nothing was. */
  readonly seen: string;
}

const UNITS: Record<Measure, string> = {
  rowsPerS: 'rows/s',
  cpuSPerMillion: 'CPU s per million rows',
  rssMb: 'MB peak RSS',
  seconds: 's',
  heldMb: 'MB held',
  freshP99Ms: 'ms p99 until new rows can be read',
};

/** The verdict on each goal whose work was measured. */
export function judge(outcomes: readonly Outcome[], goals: readonly Goal[] = GOALS): Judged[] {
  return goals.flatMap((goal) => {
    const ours = resultOf(outcomes, goal.work, 'scoreline');
    return ours === null || isMissing(ours) ? [] : [judgeOne(goal, ours, outcomes)];
  });
}

function judgeOne(goal: Goal, ours: Result, outcomes: readonly Outcome[]): Judged {
  const { work, measure } = goal;
  const unit = UNITS[measure];
  const value = ours[measure];
  if (value === null) throw new Error(`${work} does not measure ${measure}`);
  const told = (words: string, met: boolean, seen = format(measure, value)): Judged => ({
    work,
    goal: words,
    verdict: met ? 'PASS' : 'MISS',
    seen,
  });
  if ('atLeast' in goal)
    return told(`>= ${format(measure, goal.atLeast)} ${unit}`, value >= goal.atLeast);
  if ('atMost' in goal)
    return told(`<= ${format(measure, goal.atMost)} ${unit}`, value <= goal.atMost);
  if ('below' in goal) return told(`< ${format(measure, goal.below)} ${unit}`, value < goal.below);
  const words = `>= ${goal.times} x ${goal.peer}`;
  const peer = resultOf(outcomes, work, goal.peer);
  if (peer === null) return { work, goal: words, verdict: 'MISSING', seen: 'not measured' };
  if (isMissing(peer)) return { work, goal: words, verdict: 'MISSING', seen: peer.missing };
  const factor = value / (peer[measure] ?? Number.NaN);
  // Rounded down: what is told must not look like what was not reached.
  return told(words, factor >= goal.times, `${(Math.floor(factor * 10) / 10).toFixed(1)} x`);
}

function resultOf(outcomes: readonly Outcome[], work: Work, system: System): Outcome | null {
  return outcomes.find((one) => one.work === work && one.system === system) ?? null;
}

/** Digits behind the point. */
const DIGITS: Record<Measure, number> = {
  rowsPerS: 0,
  cpuSPerMillion: 2,
  rssMb: 0,
  seconds: 2,
  heldMb: 1,
  freshP99Ms: 0,
};

function format(measure: Measure, value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: DIGITS[measure] });
}
