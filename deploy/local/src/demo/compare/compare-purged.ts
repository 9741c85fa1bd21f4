import { explain, heading, summary } from './compare-sides.ts';
import { compare, type Ids, isIdentical, type Rows } from './compare.ts';
import type { Side } from './side.ts';

export interface PurgedSides {
  /** What MySQL had before the purge. */
  readonly before: Side;
  /** What it has left. */
  readonly after: Side;
  /** Every id that the purge log says is gone, as often as it says so. */
  readonly recorded: readonly number[];
  /** What must hold every row that has left. */
  readonly archives: readonly Side[];
}

export interface Purged {
  /** Whether every row that was there is there, or recorded as gone; and in each archive as it was. */
  readonly isAccountedFor: boolean;
  /** Rows that have left MySQL. */
  readonly left: number;
  /** What to print: a line for each side, then what is wrong, then the verdict. */
  readonly lines: readonly string[];
}

/** Says where the rows are now that were in MySQL before a purge. Nobody else may have written or deleted any. */
export async function comparePurged(sides: PurgedSides): Promise<Purged> {
  const { before, after, recorded, archives } = sides;
  const wrong: string[] = [];
  for (const archive of archives) {
    const found = compare(before.rows, archive.rows);
    if (!isIdentical(found)) wrong.push('', ...(await explain(before, archive, found)));
  }
  const { missing, ...changed } = compare(before.rows, after.rows);
  const kept = { ...changed, missing: { count: 0, first: [] } };
  if (!isIdentical(kept)) wrong.push('', ...(await explain(before, after, kept)));
  const records = recordsAgainst(goneIds(before.rows, after.rows), recorded);
  if (records.length > 0) wrong.push('', ...records);
  const isAccountedFor = wrong.length === 0;
  const verdict = isAccountedFor
    ? wellPurged(missing.count, archives)
    : 'NOT every row that was in MySQL is accounted for';
  const table = [
    heading(),
    summary(before),
    summary(after),
    logSummary(recorded),
    ...archives.map(summary),
  ];
  return { isAccountedFor, left: missing.count, lines: [...table, ...wrong, '', verdict] };
}

/** What the purge log says otherwise than the table. */
function recordsAgainst(gone: readonly number[], recorded: readonly number[]): string[] {
  const { missing, extra, doubled } = compare(idsAlone(gone), idsAlone(recorded));
  return [
    ...told(missing, 'left MySQL without a record of the purge'),
    ...told(extra, 'are recorded as purged, and did not leave MySQL'),
    ...told(doubled, 'are recorded as purged more than once'),
  ];
}

/** Ids without rows, as a side has them. */
function idsAlone(ids: readonly number[]): Rows {
  const sorted = Float64Array.from(ids).sort();
  return { sorted: () => ({ ids: sorted, hashes: new BigUint64Array(sorted.length) }) };
}

function goneIds(before: Rows, after: Rows): number[] {
  const left = new Set(after.sorted().ids);
  return [...before.sorted().ids].filter((id) => !left.has(id));
}

function told({ count, first }: Ids, what: string): string[] {
  if (count === 0) return [];
  return [`${count} ${what}: ${first.join(', ')}${count > first.length ? ', ...' : ''}`];
}

/** Behind `heading`, without a hash: rows that are gone have none. */
function logSummary(recorded: readonly number[]): string {
  const count = (value: number, width: number): string =>
    value.toLocaleString('en').padStart(width);
  return `${'purge log'.padEnd(12)}${count(recorded.length, 11)}${count(new Set(recorded).size, 14)}`;
}

function wellPurged(rows: number, archives: readonly Side[]): string {
  const names = archives.map(({ name }) => name);
  const all =
    names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  const left = rows === 1 ? '1 row has' : `${rows.toLocaleString('en')} rows have`;
  return `purged: ${left} left MySQL, each is recorded once, and is in ${all} as it was`;
}
