import type { ScannedPartition } from '@scoreline/kafka';
import { type Bucket, bucketOf, BUCKET_IDS, CapturedIds } from '@scoreline/ledger';

/** Examples of each kind that are kept. */
const EXAMPLES = 20;

/** What may be wrong, as a title for people. */
export const DIFFERENCES = {
  short: 'partitions that end below the rows that the ledger knows',
  unreadable: 'records in the topic that are no rows',
  twice: 'ids in the topic more than once',
  unknown: 'ids in the topic and not in the ledger',
  excluded: 'ids in the topic that the ledger has as excluded',
  missing: 'ids in the ledger and not in the topic',
  outside: 'rows outside of the offsets that the ledger has for their bucket',
} as const;

export type DifferenceKind = keyof typeof DIFFERENCES;

export interface Difference {
  readonly kind: DifferenceKind;
  readonly count: number;
  readonly examples: readonly string[];
}

/**
 * Compares a ledger's ids with a topic's rows, as these are read. Ids that were excluded have none there. What was deleted from a topic's start
 * is no difference: buckets that had rows there, or in a topic that is retired, are counted, and not
 * compared.
 */
export class LedgerDifferences {
  readonly #captured: CapturedIds;
  readonly #retired: ReadonlySet<string>;
  /** Of the ledger's ids, those that the topic has. */
  readonly #seen = new CapturedIds();
  readonly #found = new Map<DifferenceKind, { count: number; examples: string[] }>();
  readonly #starts = new Map<string, readonly ScannedPartition[]>();
  #records = 0;
  #notComparable = 0;

  constructor(captured: CapturedIds, retired: ReadonlySet<string> = new Set()) {
    this.#captured = captured;
    this.#retired = retired;
  }

  get records(): number {
    return this.#records;
  }

  /** Buckets with rows below their topic's start, or in a topic that is retired. */
  get notComparable(): number {
    return this.#notComparable;
  }

  row(topic: string, id: number, partition: number, offset: number): void {
    this.#records++;
    const bucket = this.#captured.buckets.get(bucketOf(id));
    if (bucket === undefined || !bucket.captured.has(id % BUCKET_IDS)) {
      const kind = bucket?.excluded.has(id % BUCKET_IDS) === true ? 'excluded' : 'unknown';
      this.#note(kind, () => `id ${id} at ${topic}[${partition}] offset ${offset}`);
      return;
    }
    if (!this.#seen.add(id)) {
      this.#note('twice', () => `id ${id} again at ${topic}[${partition}] offset ${offset}`);
    }
    const { first, end } = bucket.offsets.get(topic) ?? NOWHERE;
    if (offset >= (first[partition] ?? -1) && offset < (end[partition] ?? -1)) return;
    this.#note(
      'outside',
      () => `id ${id} at ${topic}[${partition}] offset ${offset}: bucket ${places(bucket)}`,
    );
  }

  unreadable(topic: string, partition: number, offset: number, why: string): void {
    this.#records++;
    this.#note('unreadable', () => `${topic}[${partition}] offset ${offset}: ${why}`);
  }

  /** A topic is read. @param ends by partition, the offset after its last row, as the ledger knows it. */
  scanned(topic: string, parts: readonly ScannedPartition[], ends: readonly number[]): void {
    this.#starts.set(topic, parts);
    for (const [partition, end] of ends.entries()) {
      const to = parts[partition]?.to ?? 0;
      if (to >= end) continue;
      this.#note(
        'short',
        () => `${topic}[${partition}] ends at ${to}, the ledger has rows to ${end}`,
      );
    }
  }

  /** When every topic is read. None: they are equal. */
  result(): Difference[] {
    for (const bucket of this.#captured.buckets.values()) this.#compare(bucket);
    return (Object.keys(DIFFERENCES) as DifferenceKind[]).flatMap((kind) => {
      const found = this.#found.get(kind);
      return found === undefined ? [] : [{ kind, ...found }];
    });
  }

  #compare(bucket: Bucket): void {
    if (this.#isBelowStart(bucket)) {
      this.#notComparable++;
      return;
    }
    const seen = this.#seen.buckets.get(bucket.number)?.captured;
    if (seen?.count === bucket.captured.count) return;
    for (const low of bucket.captured) {
      if (seen?.has(low) === true) continue;
      this.#note('missing', () => `id ${bucket.firstId + low}: bucket ${places(bucket)}`);
    }
  }

  #isBelowStart({ offsets }: Bucket): boolean {
    return [...offsets].some(([topic, { first }]) => {
      if (this.#retired.has(topic)) return true;
      const parts = this.#starts.get(topic);
      return first.some((offset, partition) => {
        return offset >= 0 && offset < (parts?.[partition]?.from ?? 0);
      });
    });
  }

  #note(kind: DifferenceKind, example: () => string): void {
    let found = this.#found.get(kind);
    if (found === undefined) this.#found.set(kind, (found = { count: 0, examples: [] }));
    found.count++;
    if (found.examples.length < EXAMPLES) found.examples.push(example());
  }
}

const NOWHERE = { first: [], end: [] };

/** A bucket's number, and where its rows are. */
function places({ number, offsets }: Bucket): string {
  const where = [...offsets].flatMap(([topic, { first, end }]) =>
    first.flatMap((offset, partition) =>
      offset < 0 ? [] : [`${topic}[${partition}] ${offset}-${end[partition]! - 1}`],
    ),
  );
  return `${number} has rows at ${where.length === 0 ? 'no offsets' : where.join(', ')}`;
}
