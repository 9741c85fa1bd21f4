import { BUCKET_IDS, bucketOf, IdBits } from '@scoreline/ledger';

import type { IdList } from './id-list.ts';
import type { KnownBuckets } from './known-buckets.ts';

/** Buckets of them that are kept, 8 KB each: capture does not come so far while an audit runs. */
const BUCKETS = 1_024;

/**
 * Ids that a destination holds and the ledger had not when it was read. They may be rows that were captured
 * since: only what a ledger that is read afterwards does not have either is unknown.
 */
export class UnknownIds {
  readonly #buckets = new Map<number, IdBits>();
  readonly #most: number;
  #others = 0;

  constructor(most = BUCKETS) {
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#buckets.size === 0 && this.#others === 0;
  }

  /** Whether it is kept; otherwise it counts as unknown, whatever is captured. */
  add(id: number): boolean {
    const number = bucketOf(id);
    let bits = this.#buckets.get(number);
    if (bits === undefined) {
      if (this.#buckets.size >= this.#most) {
        this.#others++;
        return false;
      }
      this.#buckets.set(number, (bits = new IdBits()));
    }
    bits.add(id - number * BUCKET_IDS);
    return true;
  }

  /** Lists those that are unknown to a ledger that was read after they were found. Returns buckets of those kept. */
  end(now: KnownBuckets, unknown: IdList): Set<number> {
    const unclean = new Set<number>();
    for (const [number, bits] of [...this.#buckets].sort(([a], [b]) => a - b)) {
      for (const low of bits) {
        const id = number * BUCKET_IDS + low;
        if (now.allows(id)) continue;
        unknown.add(id);
        unclean.add(number);
      }
    }
    unknown.addUnnamed(this.#others);
    return unclean;
  }
}
