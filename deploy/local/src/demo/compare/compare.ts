import type { SideRows, SortedRows } from './side-rows.ts';

/** Some ids, and how many more. */
export interface Ids {
  count: number;
  /** The first of them, ascending. */
  readonly first: number[];
}

/** What one side has otherwise than the truth; all counts 0 when it has the very same rows. */
export interface Differences {
  /** Not there. */
  readonly missing: Ids;
  /** There, and not in the truth. */
  readonly extra: Ids;
  /** There more than once. */
  readonly doubled: Ids;
  /** There with another content, in at least one copy. */
  readonly differing: Ids;
}

const SHOWN = 10;

export function isIdentical({ missing, extra, doubled, differing }: Differences): boolean {
  return missing.count + extra.count + doubled.count + differing.count === 0;
}

/** What of a side is compared. */
export type Rows = Pick<SideRows, 'sorted'>;

/** Compares two sides, row by row. `truth` has each id once: it is the primary key. */
export function compare(truth: Rows, other: Rows): Differences {
  const [left, right] = [truth.sorted(), other.sorted()];
  const [missing, extra, doubled, differing] = [none(), none(), none(), none()];
  let at = 0;
  for (let i = 0; i < left.ids.length || at < right.ids.length;) {
    const [expected, seen] = [left.ids[i] ?? Infinity, right.ids[at] ?? Infinity];
    const end = endOfRun(right, at);
    if (expected < seen) {
      add(missing, expected);
      i++;
      continue;
    }
    if (end - at > 1) add(doubled, seen);
    if (expected > seen) add(extra, seen);
    else if (hasOther(right, at, end, left.hashes[i++]!)) add(differing, seen);
    at = end;
  }
  return { missing, extra, doubled, differing };
}

/** How many different ids a side has. */
export function distinctIds(side: SideRows): number {
  const sorted = side.sorted();
  let count = 0;
  for (let at = 0; at < sorted.ids.length; at = endOfRun(sorted, at)) count++;
  return count;
}

/** The end of the rows with the same id that begin at `from`. */
function endOfRun({ ids }: SortedRows, from: number): number {
  let end = from;
  while (end < ids.length && ids[end] === ids[from]) end++;
  return end;
}

function hasOther({ hashes }: SortedRows, from: number, to: number, hash: bigint): boolean {
  return hashes.subarray(from, to).some((one) => one !== hash);
}

function none(): Ids {
  return { count: 0, first: [] };
}

function add(ids: Ids, id: number): void {
  ids.count++;
  if (ids.first.length < SHOWN) ids.first.push(id);
}
