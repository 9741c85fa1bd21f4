import { Bucket, bucketOf } from './bucket.ts';
import { BUCKET_IDS } from './id-bits.ts';

/**
 * The set of ids ever captured, exactly: a bit for each. What is added belongs to the transaction at
 * hand, and is written with it: a transaction that fails leaves a set of no use, and its owner reads the
 * ledger again.
 */
export class CapturedIds {
  readonly #buckets = new Map<number, Bucket>();
  readonly #changed = new Set<Bucket>();
  /** Most rows come in the order of their ids. */
  #last: Bucket | null = null;
  #count = 0;
  #excluded = 0;
  #maxId = 0;

  constructor(buckets: Iterable<Bucket> = []) {
    for (const bucket of buckets) {
      this.#buckets.set(bucket.number, bucket);
      this.#count += bucket.captured.count;
      this.#excluded += bucket.excluded.count;
      this.#maxId = Math.max(this.#maxId, highest(bucket));
    }
  }

  /** Ids captured. */
  get count(): number {
    return this.#count;
  }

  /** Ids that a filter kept out. */
  get excluded(): number {
    return this.#excluded;
  }

  /** The highest id that is known; 0 when there is none. */
  get maxId(): number {
    return this.#maxId;
  }

  get buckets(): ReadonlyMap<number, Bucket> {
    return this.#buckets;
  }

  /** Whether a row is captured, or was kept out by a filter: either way its id is taken. */
  has(id: number): boolean {
    const number = bucketOf(id);
    const bucket = this.#buckets.get(number);
    if (bucket === undefined) return false;
    const low = id - number * BUCKET_IDS;
    return bucket.captured.has(low) || bucket.excluded.has(low);
  }

  /** Whether a row was kept out by a filter. */
  isExcluded(id: number): boolean {
    const bucket = this.#buckets.get(bucketOf(id));
    return bucket !== undefined && bucket.excluded.has(id - bucket.firstId);
  }

  /** Adds `ids[from..to]` until one of them is known already. Returns its index, or -1. */
  addAll(ids: Float64Array, from: number, to: number): number {
    for (let row = from; row < to; row++) if (!this.add(ids[row]!)) return row;
    return -1;
  }

  /** False when it is known already. */
  add(id: number): boolean {
    const bucket = this.#bucket(id);
    const low = id - bucket.firstId;
    if (bucket.excluded.count > 0 && bucket.excluded.has(low)) return false;
    if (!bucket.captured.add(low)) return false;
    this.#count++;
    if (id > this.#maxId) this.#maxId = id;
    return true;
  }

  /** Notes a row that a filter keeps out. False when its id is known already. */
  exclude(id: number): boolean {
    const bucket = this.#bucket(id);
    const low = id - bucket.firstId;
    if (bucket.captured.has(low) || !bucket.excluded.add(low)) return false;
    this.#excluded++;
    if (id > this.#maxId) this.#maxId = id;
    return true;
  }

  /** Where rows of a bucket that were added went. */
  wrote(number: number, topic: string, partition: number, first: number, end: number): void {
    const bucket = this.#buckets.get(number);
    if (bucket === undefined) throw new RangeError(`nothing was added to bucket ${number}`);
    bucket.wrote(topic, partition, first, end);
  }

  /** Buckets that the transaction at hand has changed: they are to be written with it. */
  get changed(): ReadonlySet<Bucket> {
    return this.#changed;
  }

  /** The transaction is committed. */
  committed(): void {
    this.#changed.clear();
    this.#last = null;
  }

  #bucket(id: number): Bucket {
    const number = bucketOf(id);
    if (this.#last?.number === number) return this.#last;
    let bucket = this.#buckets.get(number);
    if (bucket === undefined) this.#buckets.set(number, (bucket = new Bucket(number)));
    this.#changed.add(bucket);
    this.#last = bucket;
    return bucket;
  }
}

function highest({ firstId, captured, excluded }: Bucket): number {
  for (let low = BUCKET_IDS - 1; low >= 0; low--) {
    if (captured.has(low) || excluded.has(low)) return firstId + low;
  }
  return 0;
}
