import { BUCKET_IDS, IdBits } from '@scoreline/ledger';

import type { IdList } from './id-list.ts';
import type { KnownBuckets } from './known-buckets.ts';
import type { UnknownIds } from './unknown-ids.ts';

/** One bucket while ids of it come. */
interface SeenBucket {
  readonly number: number;
  readonly captured: IdBits;
  /** Of the captured ids, those that came. */
  readonly seen: IdBits;
  /** Those that came again. */
  again: IdBits | null;
  /** Others came of which nothing but their number is kept. */
  hasUnnamed: boolean;
}

/** What is found wrong with a bucket's ids. */
export interface Found {
  readonly missing: IdList;
  readonly doubled: IdList;
}

/**
 * Compares the ids that a destination holds with some of the ledger's buckets, as they come, in any order.
 * Its memory is a bit for each id of these buckets, and another one where ids come twice.
 */
export class WindowIds {
  readonly #known: KnownBuckets;
  readonly #chosen: ReadonlySet<number>;
  readonly #unknown: UnknownIds;
  readonly #buckets = new Map<number, SeenBucket>();
  #last: SeenBucket | null = null;

  /** @param chosen buckets that are compared. Ids of others that the ledger has are passed over. */
  constructor(known: KnownBuckets, chosen: ReadonlySet<number>, unknown: UnknownIds) {
    this.#known = known;
    this.#chosen = chosen;
    this.#unknown = unknown;
  }

  see(ids: Float64Array | readonly number[]): void {
    for (let i = 0; i < ids.length; i++) this.#see(ids[i]!);
  }

  /** When all have come. Returns the buckets that are not as the ledger has them. */
  end({ missing, doubled }: Found): Set<number> {
    const unclean = new Set<number>();
    for (const number of [...this.#chosen].sort((a, b) => a - b)) {
      const captured = this.#known.bucket(number)!.captured;
      const bucket = this.#buckets.get(number);
      if ((bucket?.seen.count ?? 0) !== captured.count) {
        unclean.add(number);
        for (const low of captured) {
          if (bucket?.seen.has(low) !== true) missing.add(number * BUCKET_IDS + low);
        }
      }
      if (bucket?.hasUnnamed === true) unclean.add(number);
      if (bucket?.again !== null && bucket !== undefined) {
        unclean.add(number);
        for (const low of bucket.again) doubled.add(number * BUCKET_IDS + low);
      }
    }
    return unclean;
  }

  #see(id: number): void {
    const number = Math.floor(id / BUCKET_IDS);
    const bucket = this.#last?.number === number ? this.#last : this.#open(number);
    const low = id - number * BUCKET_IDS;
    if (bucket?.captured.has(low) === true) {
      if (!bucket.seen.add(low)) (bucket.again ??= new IdBits()).add(low);
    } else if (bucket !== null || this.#known.bucket(number) === undefined) {
      if (this.#known.allows(id) || this.#unknown.add(id)) return;
      if (bucket !== null) bucket.hasUnnamed = true;
    }
  }

  /** Null for one that is not compared. */
  #open(number: number): SeenBucket | null {
    if (!this.#chosen.has(number)) return null;
    let bucket = this.#buckets.get(number);
    if (bucket === undefined) {
      const { captured } = this.#known.bucket(number)!;
      bucket = { number, captured, seen: new IdBits(), again: null, hasUnnamed: false };
      this.#buckets.set(number, bucket);
    }
    this.#last = bucket;
    return bucket;
  }
}
