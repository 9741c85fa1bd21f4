import { isDeepStrictEqual } from 'node:util';

import type { Audit } from '@scoreline/ledger';

/** What an audit has found, as far as it is recorded. */
export interface Verdicts {
  /** How many captured ids each clean bucket has, by its number. */
  readonly clean: ReadonlyMap<number, number>;
  /** Buckets that are not as the ledger has them. */
  readonly unclean: ReadonlySet<number>;
  readonly dest: string;
  readonly since: Readonly<Record<string, readonly number[]>>;
  readonly atMs: number;
}

interface Entry extends Pick<Audit, 'since' | 'atMs'> {
  readonly count: number;
}

/**
 * The clean audits of a sink with these verdicts in the place of what was known of their buckets. Those of
 * another destination say nothing of this one. Neighbours of the same runs become one, as old as the older.
 */
export function mergeAudits(recorded: readonly Audit[], verdicts: Verdicts): readonly Audit[] {
  const { clean, unclean, dest, since, atMs } = verdicts;
  const entries = new Map<number, Entry>();
  for (const audit of recorded) {
    if (audit.dest !== dest) continue;
    for (const [at, count] of audit.counts.entries()) {
      entries.set(audit.from + at, { count, since: audit.since, atMs: audit.atMs });
    }
  }
  for (const [number, count] of clean) entries.set(number, { count, since, atMs });
  for (const number of unclean) entries.delete(number);
  return together(entries, dest);
}

interface Run {
  readonly from: number;
  readonly counts: number[];
  readonly since: Audit['since'];
  atMs: number;
}

function together(entries: ReadonlyMap<number, Entry>, dest: string): Audit[] {
  const runs: Run[] = [];
  for (const [number, { count, since, atMs }] of [...entries].sort(([a], [b]) => a - b)) {
    const run = runs.at(-1);
    const continues = run !== undefined && run.from + run.counts.length === number;
    if (continues && (run.since === since || isDeepStrictEqual(run.since, since))) {
      run.counts.push(count);
      run.atMs = Math.min(run.atMs, atMs);
    } else {
      runs.push({ from: number, counts: [count], since, atMs });
    }
  }
  return runs.map(({ from, counts, since, atMs }) => ({ from, counts, dest, since, atMs }));
}
