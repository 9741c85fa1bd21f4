import { encodeRow, type SampleRow } from './sample-rows.ts';

const SHOWN = 10;

/**
 * What is not as it was written, in words; nothing when every row is there once with every byte.
 * Ids are unique in what was written.
 */
export function rowDifferences(
  written: readonly SampleRow[],
  found: readonly SampleRow[],
): readonly string[] {
  const differences: string[] = [];
  const wanted = new Map(written.map((row) => [row.id, row]));
  const seen = new Set<number>();
  for (const row of found) {
    const was = wanted.get(row.id);
    if (was === undefined) differences.push(`id ${row.id} was not written`);
    else if (seen.has(row.id)) differences.push(`id ${row.id} is there again`);
    else if (!encodeRow(row).equals(encodeRow(was))) differences.push(changed(was, row));
    seen.add(row.id);
  }
  for (const id of wanted.keys()) if (!seen.has(id)) differences.push(`id ${id} is lost`);
  if (differences.length <= SHOWN) return differences;
  return [...differences.slice(0, SHOWN), `and ${differences.length - SHOWN} more`];
}

function changed(was: SampleRow, row: SampleRow): string {
  const columns = (Object.keys(was) as (keyof SampleRow)[]).filter(
    (name) => !Object.is(was[name], row[name]),
  );
  const values = columns.map((name) => `${name} ${text(row[name])}, was ${text(was[name])}`);
  return `id ${row.id} has ${values.join('; ')}`;
}

function text(value: unknown): string {
  if (Object.is(value, -0)) return '-0';
  return (JSON.stringify(value) ?? 'undefined').slice(0, 100);
}
