import { BUCKET_IDS, IdBits } from './id-bits.ts';

/** Where a bucket's rows are in one topic, by partition; -1 where it has none. */
export interface BucketOffsets {
  /** Offset of its first row. */
  readonly first: readonly number[];
  /** Offset after its last row. */
  readonly end: readonly number[];
}

interface MutableOffsets extends BucketOffsets {
  readonly first: number[];
  readonly end: number[];
}

/** What the ledger knows of the ids from `number * 65,536` to before `(number + 1) * 65,536`. */
export class Bucket {
  readonly number: number;
  /** Ids whose rows are in a topic. */
  readonly captured: IdBits;
  /** Ids whose rows a filter kept out. */
  readonly excluded: IdBits;
  readonly #offsets: Map<string, MutableOffsets>;

  constructor(
    number: number,
    captured = new IdBits(),
    excluded = new IdBits(),
    offsets: ReadonlyMap<string, BucketOffsets> = new Map(),
  ) {
    this.number = number;
    this.captured = captured;
    this.excluded = excluded;
    this.#offsets = new Map(
      [...offsets].map(([topic, { first, end }]) => [topic, { first: [...first], end: [...end] }]),
    );
  }

  get firstId(): number {
    return this.number * BUCKET_IDS;
  }

  /** By topic: a bucket may have rows in several versions. */
  get offsets(): ReadonlyMap<string, BucketOffsets> {
    return this.#offsets;
  }

  /** Rows of this bucket went to a partition, the first at `first`, the last before `end`. */
  wrote(topic: string, partition: number, first: number, end: number): void {
    let offsets = this.#offsets.get(topic);
    if (offsets === undefined) this.#offsets.set(topic, (offsets = { first: [], end: [] }));
    while (offsets.first.length <= partition) {
      offsets.first.push(-1);
      offsets.end.push(-1);
    }
    const before = offsets.first[partition]!;
    offsets.first[partition] = before < 0 ? first : Math.min(before, first);
    offsets.end[partition] = Math.max(offsets.end[partition]!, end);
  }
}

/** The bucket that an id belongs to. */
export function bucketOf(id: number): number {
  return Math.floor(id / BUCKET_IDS);
}
