import { BUCKET_IDS, IdBits } from '@scoreline/ledger';

/** Ids that are somewhere, a bit for each: neighbours cost next to nothing, whatever the ids are. */
export class IdSet {
  readonly #buckets = new Map<number, IdBits>();
  #last: { readonly bucket: number; readonly bits: IdBits } | null = null;

  add(id: number): void {
    const bucket = Math.floor(id / BUCKET_IDS);
    let bits = this.#of(bucket);
    if (bits === undefined) {
      bits = new IdBits();
      this.#buckets.set(bucket, bits);
    }
    bits.add(id - bucket * BUCKET_IDS);
  }

  has(id: number): boolean {
    const bucket = Math.floor(id / BUCKET_IDS);
    return this.#of(bucket)?.has(id - bucket * BUCKET_IDS) ?? false;
  }

  /** Neighbours are asked for one after the other. */
  #of(bucket: number): IdBits | undefined {
    if (this.#last?.bucket === bucket) return this.#last.bits;
    const bits = this.#buckets.get(bucket);
    if (bits !== undefined) this.#last = { bucket, bits };
    return bits;
  }
}
