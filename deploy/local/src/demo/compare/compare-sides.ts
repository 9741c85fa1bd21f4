import { compare, type Differences, distinctIds, isIdentical } from './compare.ts';
import type { FoundRow, Side } from './side.ts';

export interface Comparison {
  readonly identical: boolean;
  /** Of the truth. */
  readonly rows: number;
  /** What to print: a line for each side, then the verdict or the differences. */
  readonly lines: readonly string[];
  /** Of each side but the first, by its name. */
  readonly differences: Readonly<Record<string, Differences>>;
}

/** Compares sides that were read with the first of them, which is the truth, row by row. */
export async function compareSides(truth: Side, others: readonly Side[]): Promise<Comparison> {
  const lines = [heading(), ...[truth, ...others].map(summary)];
  const differences: Record<string, Differences> = {};
  for (const side of others) {
    const found = compare(truth.rows, side.rows);
    differences[side.name] = found;
    if (!isIdentical(found)) lines.push('', ...(await explain(truth, side, found)));
  }
  const identical = Object.values(differences).every(isIdentical);
  lines.push('', identical ? 'identical' : 'NOT identical');
  return { identical, rows: truth.rows.length, lines, differences };
}

export function heading(): string {
  return `${'side'.padEnd(12)}${'rows'.padStart(11)}${'distinct ids'.padStart(14)}  hash over every row`;
}

/** Of one side, below `heading`. */
export function summary(side: Side): string {
  const count = (value: number, width: number): string =>
    value.toLocaleString('en').padStart(width);
  return `${side.name.padEnd(12)}${count(side.rows.length, 11)}${count(distinctIds(side.rows), 14)}  ${side.rows.hash}  read in ${(side.readMs / 1000).toFixed(1)} s`;
}

/** Each kind of difference, with the first of its rows on both sides. */
export async function explain(truth: Side, side: Side, found: Differences): Promise<string[]> {
  const { missing, extra, doubled, differing } = found;
  const ids = new Set([missing, extra, doubled, differing].flatMap(({ first }) => first));
  const [expected, seen] = [await truth.find(ids), await side.find(ids)];
  const rowsOf = (id: number): string[] => [
    ...show(truth.name, expected, id),
    ...show(side.name, seen, id),
  ];
  return [
    ...section(`${missing.count} missing in ${side.name}`, missing.first, rowsOf),
    ...section(
      `${extra.count} in ${side.name} that ${truth.name} does not have`,
      extra.first,
      rowsOf,
    ),
    ...section(`${doubled.count} more than once in ${side.name}`, doubled.first, rowsOf),
    ...section(`${differing.count} different in ${side.name}`, differing.first, rowsOf),
  ];
}

function section(
  title: string,
  ids: readonly number[],
  rowsOf: (id: number) => string[],
): string[] {
  return ids.length === 0 ? [] : [`${title}:`, ...ids.flatMap(rowsOf)];
}

/** Large attributes are cut: the difference is in the hash. */
const SHOWN_CHARACTERS = 600;

function show(side: string, rows: readonly FoundRow[], id: number): string[] {
  return rows
    .filter((row) => row.id === id)
    .map(({ text, where }) => {
      const short = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
      return `  ${`${side} ${where}`.trimEnd()}: ${short}`;
    });
}
