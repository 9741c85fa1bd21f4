import type { CapturedIds } from '@scoreline/ledger';

/** One row that MySQL holds and that is old enough. */
export interface HeldRow {
  readonly id: number;
  /** A row of another table refers to it by a foreign key. */
  readonly referenced: boolean;
}

export interface RowPolicy {
  /** What becomes of rows that a filter kept out of the topic: no archive has them. */
  readonly excluded: 'keep' | 'delete';
  /** Ids below were declined when capture first started: no archive has them. */
  readonly declinedBelow: number;
}

/** What is to be done with each row of a chunk whose buckets are proven. Every id is in exactly one list. */
export interface RowDecision {
  readonly delete: readonly number[];
  /** In MySQL, but not in the ledger: capture is asked to look for them. They are kept. */
  readonly unknown: readonly number[];
  readonly excluded: readonly number[];
  readonly declined: readonly number[];
  readonly referenced: readonly number[];
}

/**
 * Which rows may go: those whose very id was captured. Never a range of ids, since another session may
 * have inserted into it.
 */
export function decideRows(
  rows: Iterable<HeldRow>,
  captured: Pick<CapturedIds, 'has' | 'isExcluded'>,
  policy: RowPolicy,
): RowDecision {
  const decision = {
    delete: [] as number[],
    unknown: [] as number[],
    excluded: [] as number[],
    declined: [] as number[],
    referenced: [] as number[],
  };
  for (const { id, referenced } of rows) decision[fateOf(id, referenced)].push(id);
  return decision;

  function fateOf(id: number, isReferenced: boolean): keyof RowDecision {
    if (!captured.has(id)) return id < policy.declinedBelow ? 'declined' : 'unknown';
    if (captured.isExcluded(id) && policy.excluded === 'keep') return 'excluded';
    return isReferenced ? 'referenced' : 'delete';
  }
}
