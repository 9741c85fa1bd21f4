import { bucketOf } from '@scoreline/ledger';

/** Rows of one bucket in the batches of one request, by partition: index of the first, index after the last. */
interface Span {
  readonly bucket: number;
  readonly first: Int32Array;
  readonly end: Int32Array;
}

/** Notes, row by row, which part of each partition's batch a bucket has: with the offsets, where its rows are. */
export class BucketSpans {
  readonly #partitions: number;
  readonly #spans = new Map<number, Span>();
  /** Rows come nearly in the order of their ids. */
  #last: Span | null = null;

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  clear(): void {
    this.#spans.clear();
    this.#last = null;
  }

  note(id: number, partition: number, index: number): void {
    const number = bucketOf(id);
    const span = this.#last?.bucket === number ? this.#last : this.#span(number);
    if (span.first[partition]! < 0) span.first[partition] = index;
    span.end[partition] = index + 1;
  }

  /** @param baseOffsets where each partition's batch begins. */
  each(
    baseOffsets: ReadonlyMap<number, number>,
    visit: (bucket: number, partition: number, first: number, end: number) => void,
  ): void {
    for (const { bucket, first, end } of this.#spans.values()) {
      for (const [partition, base] of baseOffsets) {
        if (first[partition]! < 0) continue;
        visit(bucket, partition, base + first[partition]!, base + end[partition]!);
      }
    }
  }

  #span(bucket: number): Span {
    let span = this.#spans.get(bucket);
    if (span === undefined) {
      const first = new Int32Array(this.#partitions).fill(-1);
      span = { bucket, first, end: new Int32Array(this.#partitions) };
      this.#spans.set(bucket, span);
    }
    this.#last = span;
    return span;
  }
}
