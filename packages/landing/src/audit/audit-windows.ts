import { BUCKET_IDS } from '@scoreline/ledger';

import { lastIdOf } from './known-buckets.ts';

/** Buckets that are compared with one question to the destination. */
export interface Window {
  readonly buckets: ReadonlySet<number>;
  /** Ids that are asked for, both inclusive. */
  readonly from: number;
  readonly to: number;
}

/**
 * So many at a time: 134 million ids, in 16 MB of bits. A destination without an index on ids reads all that
 * it has for each question, so that there should be few.
 */
const BUCKETS = 2_048;

/** Ids that are asked for beside those of the buckets: all that lie between, and around, them. */
export interface Around {
  readonly from: number;
  readonly to: number;
}

/**
 * @param buckets ascending.
 * @param around null when nothing but the buckets is of interest: then gaps are not asked for in vain.
 */
export function windowsOf(
  buckets: readonly number[],
  around: Around | null,
  most = BUCKETS,
): readonly Window[] {
  const windows: Window[] = [];
  let some: number[] = [];
  const close = () => {
    const last = windows.at(-1);
    const begin = around === null ? some[0]! * BUCKET_IDS : (last?.to ?? around.from - 1) + 1;
    windows.push({ buckets: new Set(some), from: begin, to: lastIdOf(some.at(-1)!) });
    some = [];
  };
  for (const bucket of buckets) {
    const isFar = around === null && some.length > 0 && bucket - some[0]! >= 2 * most;
    if (some.length === most || isFar) close();
    some.push(bucket);
  }
  if (some.length > 0) close();
  const last = windows.pop();
  // Where the ledger has nothing the destination must have nothing either.
  if (last === undefined) return around === null ? [] : [{ buckets: new Set(), ...around }];
  return [...windows, { ...last, to: Math.max(last.to, around?.to ?? last.to) }];
}
