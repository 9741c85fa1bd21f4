import { type Bucket, BUCKET_IDS, type CapturedIds } from '@scoreline/ledger';

/** What an audit asks of a ledger about one id at a time. */
export class KnownBuckets {
  readonly #captured: CapturedIds;
  readonly #floor: number;

  /** @param floor ids below were declined when capture began: whoever has written such rows, they are no difference. */
  constructor(captured: CapturedIds, floor: number) {
    this.#captured = captured;
    this.#floor = floor;
  }

  bucket(number: number): Bucket | undefined {
    return this.#captured.buckets.get(number);
  }

  /** Whether a destination may hold the id: captured, kept out by a filter (others may have it), or of before. */
  allows(id: number): boolean {
    return id < this.#floor || this.#captured.has(id);
  }
}

/** The last id of a bucket. */
export function lastIdOf(number: number): number {
  return (number + 1) * BUCKET_IDS - 1;
}
