import { BUCKET_IDS } from '@scoreline/ledger';

/** Ids, both inclusive. */
export interface IdRange {
  readonly from: number;
  readonly to: number;
}

/** Ids of buckets as ranges, in order: buckets that follow each other are one. */
export function rangesOf(buckets: Iterable<number>): IdRange[] {
  const ranges: { from: number; to: number }[] = [];
  for (const number of [...buckets].toSorted((a, b) => a - b)) {
    const from = number * BUCKET_IDS;
    const last = ranges.at(-1);
    if (last?.to === from - 1) last.to += BUCKET_IDS;
    else ranges.push({ from, to: from + BUCKET_IDS - 1 });
  }
  return ranges;
}

export function rangeText({ from, to }: IdRange): string {
  return `${from}-${to}`;
}
