import type { CapturedIds, RosterSink } from '@scoreline/ledger';
import { bucketOf } from '@scoreline/ledger';

import { whyNotProven } from '../proof/bucket-proof.ts';
import type { Evidence } from '../proof/evidence.ts';

export type IsLanded = (id: number) => boolean;

/**
 * The last of `ids`, which ascend, before the first that has not landed; null when that is the first one,
 * or there are none. What reads "everything below is archived" may be told this one.
 */
export function lastLanded(ids: Float64Array, isLanded: IsLanded): number | null {
  let last: number | null = null;
  for (const id of ids) {
    if (!isLanded(id)) return last;
    last = id;
  }
  return last;
}

/**
 * What one sink has landed, of ids that MySQL holds. One that the ledger lacks has not: its row may come yet,
 * or was declined. One that a filter kept out is for no archive, and holds nothing back.
 */
export function landedIn(
  sink: RosterSink,
  captured: Pick<CapturedIds, 'has' | 'isExcluded' | 'buckets'>,
  evidence: Evidence,
): IsLanded {
  const alone: Evidence = { ...evidence, roster: [sink] };
  const proven = new Map<number, boolean>();
  return (id) => {
    if (!captured.has(id)) return false;
    if (captured.isExcluded(id)) return true;
    const number = bucketOf(id);
    const known = proven.get(number);
    if (known !== undefined) return known;
    const bucket = captured.buckets.get(number);
    const isProven = bucket !== undefined && whyNotProven(bucket, alone).length === 0;
    proven.set(number, isProven);
    return isProven;
  };
}
