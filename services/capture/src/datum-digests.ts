import { hash } from 'node:crypto';

import { type Bucket, BUCKET_IDS, bucketOf } from '@scoreline/ledger';

const DIGEST_BYTES = 8;

interface Digests {
  readonly isHeld: Uint8Array;
  readonly bytes: Buffer;
}

/** What rows of a few buckets look like, in a bounded place: a digest of each one's bytes. */
export class DatumDigests {
  readonly #buckets: ReadonlyMap<number, Digests>;

  constructor(buckets: readonly Bucket[]) {
    this.#buckets = new Map(
      buckets.map(({ number }) => [
        number,
        { isHeld: new Uint8Array(BUCKET_IDS), bytes: Buffer.alloc(BUCKET_IDS * DIGEST_BYTES) },
      ]),
    );
  }

  set(id: number, datum: Buffer): void {
    const bucket = this.#buckets.get(bucketOf(id));
    if (bucket === undefined) return;
    const low = id % BUCKET_IDS;
    bucket.isHeld[low] = 1;
    digest(datum).copy(bucket.bytes, low * DIGEST_BYTES, 0, DIGEST_BYTES);
  }

  has(id: number): boolean {
    return this.#buckets.get(bucketOf(id))?.isHeld[id % BUCKET_IDS] === 1;
  }

  /** Of an id that is held: whether its row has these bytes. */
  matches(id: number, datum: Buffer): boolean {
    const at = (id % BUCKET_IDS) * DIGEST_BYTES;
    const { bytes } = this.#buckets.get(bucketOf(id))!;
    return digest(datum).compare(bytes, at, at + DIGEST_BYTES, 0, DIGEST_BYTES) === 0;
  }
}

function digest(datum: Buffer): Buffer {
  return hash('sha1', datum, 'buffer');
}
