import { type LogScoreRow, Measurements } from './measurement.ts';
import { oddRow } from './odd.ts';
import type { Pool } from './pool.ts';
import { Random } from './random.ts';

/** One thing that happens to the database. Every kind but `other` writes to log_scores. */
export type Step =
  /** One INSERT of one row, without BEGIN. */
  | { readonly kind: 'autocommit'; readonly rows: readonly LogScoreRow[] }
  /** What the pool's API does for each result: the scores of server and monitor, then the row. */
  | { readonly kind: 'measured'; readonly rows: readonly LogScoreRow[] }
  /** What a scorer does: rows of type=score monitors, and how far it came in scorer_status. */
  | { readonly kind: 'scored'; readonly scorerId: number; readonly rows: readonly LogScoreRow[] }
  /** A transaction of several multi-row INSERTs. */
  | { readonly kind: 'batch'; readonly rows: readonly LogScoreRow[]; readonly statements: number }
  /** Rolled back before anything reached the binlog: a hole in the ids. */
  | { readonly kind: 'rollback'; readonly rows: readonly LogScoreRow[] }
  /** Rolled back, but its rows are in the binlog: a temporary table was created in it. */
  | { readonly kind: 'logged-rollback'; readonly rows: readonly LogScoreRow[] }
  /** `undone` lies between SAVEPOINT and ROLLBACK TO, and is in the binlog too where `logged`. */
  | {
      readonly kind: 'savepoint';
      readonly rows: readonly LogScoreRow[];
      readonly undone: readonly LogScoreRow[];
      readonly logged: boolean;
    }
  /** Inserted now and committed `steps` steps later: its ids are lower than those that came before. */
  | { readonly kind: 'late'; readonly rows: readonly LogScoreRow[]; readonly steps: number }
  /** Tables that nobody captures. */
  | { readonly kind: 'other'; readonly serverId: number; readonly monitorId: number };

/** How many rows a step adds to log_scores for good. */
export function committedRows(step: Step): number {
  return step.kind === 'other' || step.kind.endsWith('rollback') ? 0 : rowsOf(step).length;
}

export function rowsOf(step: Step): readonly LogScoreRow[] {
  return step.kind === 'other' ? [] : step.rows;
}

export interface PlanOptions {
  readonly seed: number;
  readonly pool: Pool;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Committed rows after which the plan ends; null for never. */
  readonly rows: number | null;
  /** Rows of a typical batch: small for a live table, large where speed counts. */
  readonly batchRows: number;
}

/**
 * The traffic, as it would be under one seed: endless, or until exactly `rows` rows are committed.
 * Nothing here depends on what the database answers, so a seed names its traffic.
 */
export function* plan({ seed, pool, clock, rows, batchRows }: PlanOptions): Generator<Step, void> {
  const random = new Random(seed);
  const measurements = new Measurements(random, pool);
  let committed = 0;
  const some = (count: number, quiet = false): LogScoreRow[] =>
    Array.from({ length: count }, () => {
      const row = quiet ? measurements.quiet(clock()) : measurements.any(clock());
      return random.chance(0.002) ? oddRow(random, row) : row;
    });
  for (;;) {
    const left = rows === null ? Infinity : rows - committed;
    if (left <= 0) return;
    const step = next(Math.min(left, batchRows), left);
    committed += committedRows(step);
    yield step;
  }

  function next(batch: number, left: number): Step {
    const few = Math.min(left, random.between(1, 6));
    const draw = random.unit();
    if (draw < 0.3)
      return { kind: 'batch', rows: some(size(batch)), statements: random.between(1, 3) };
    if (draw < 0.55) return { kind: 'measured', rows: some(1) };
    if (draw < 0.7) return { kind: 'autocommit', rows: some(1) };
    if (draw < 0.8) return scored(few);
    if (draw < 0.86) return { kind: 'late', rows: some(few, true), steps: random.between(2, 12) };
    if (draw < 0.9) return { kind: 'rollback', rows: some(random.between(1, 20)) };
    if (draw < 0.93) return { kind: 'logged-rollback', rows: some(random.between(1, 20)) };
    if (draw < 0.97) {
      const undone = some(random.between(1, 8));
      return { kind: 'savepoint', rows: some(few), undone, logged: random.chance(0.7) };
    }
    const { id: serverId } = random.pick(pool.servers);
    return { kind: 'other', serverId, monitorId: random.pick(pool.monitors).id };
  }

  function size(batch: number): number {
    return Math.max(1, Math.round(batch * (0.2 + 0.8 * random.unit())));
  }

  function scored(count: number): Step {
    const scorer = random.pick(pool.scorers);
    const rows = Array.from({ length: count }, () =>
      measurements.score(random.pick(pool.servers), scorer, clock(), committed + 1),
    );
    return { kind: 'scored', scorerId: scorer.id, rows };
  }
}
