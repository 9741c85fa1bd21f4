import { type Bucket, BUCKET_IDS, bucketOf, type CapturedIds, IdBits } from '@scoreline/ledger';

import type { IdRange } from './id-range.ts';
import type { ReconcileTable } from './reconciler.ts';

/** A bucket's ids, as a backfill takes them. */
export interface BackfillIds {
  /** To be published, ascending. */
  readonly wanted: Float64Array;
  /** Captured, and neither in the table any more nor published here before: their rows are not to be had. */
  readonly gone: readonly number[];
  /** In the table, and not captured: the topic brings them by itself, or nobody wants them. */
  readonly others: number;
  /** Published here before, of those that the table holds. */
  readonly before: number;
}

export interface BackfillSets {
  /** What the ledger has. */
  readonly captured: CapturedIds;
  /** What the backfill's topic has. */
  readonly published: CapturedIds;
}

/**
 * What becomes of the ids of one bucket, within a range.
 *
 * @param held what the table holds of it there, ascending.
 */
function backfillIds(
  { from, to }: IdRange,
  held: Float64Array,
  bucket: Bucket | undefined,
  published: CapturedIds,
): BackfillIds {
  const there = new IdBits();
  const firstId = bucketOf(from) * BUCKET_IDS;
  for (const id of held) there.add(id - firstId);
  const ofLedger = held.filter((id) => bucket?.captured.has(id - firstId) === true);
  const wanted = ofLedger.filter((id) => !published.has(id));
  const gone: number[] = [];
  for (const low of bucket?.captured ?? []) {
    const id = firstId + low;
    if (id >= from && id <= to && !there.has(low) && !published.has(id)) gone.push(id);
  }
  return {
    wanted,
    gone,
    others: held.length - ofLedger.length,
    before: ofLedger.length - wanted.length,
  };
}

/** Bucket by bucket, ascending, those in which the table or the ledger has any id of the range. */
export async function* backfillBuckets(
  table: Pick<ReconcileTable, 'ids' | 'firstId'>,
  { from, to }: IdRange,
  { captured, published }: BackfillSets,
): AsyncGenerator<BackfillIds, void> {
  const numbers = [...captured.buckets.keys()].toSorted((a, b) => a - b);
  for (let next = from, at = 0; next <= to;) {
    while (at < numbers.length && numbers[at]! < bucketOf(next)) at++;
    const held = await table.firstId(next);
    const number = Math.min(held === null ? Infinity : bucketOf(held), numbers[at] ?? Infinity);
    const firstId = number * BUCKET_IDS;
    if (firstId > to) return;
    const part = { from: Math.max(next, firstId), to: Math.min(to, firstId + BUCKET_IDS - 1) };
    const ids = await table.ids(part.from, part.to);
    yield backfillIds(part, ids, captured.buckets.get(number), published);
    next = part.to + 1;
  }
}

/** Ids that came ascending, as people read them: `5, 7-9`. */
export class IdRanges {
  readonly #ranges: { readonly from: number; to: number }[] = [];
  count = 0;

  add(id: number): void {
    this.count++;
    const last = this.#ranges.at(-1);
    if (last?.to === id - 1) last.to = id;
    else this.#ranges.push({ from: id, to: id });
  }

  /** @param most ranges that are named. */
  text(most: number): string {
    const named = this.#ranges.slice(0, most);
    const texts = named.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
    const more = this.count - named.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    return more === 0 ? texts.join(', ') : `${texts.join(', ')} and ${more} more`;
  }
}
