import { rowDifferences } from '../row-differences.ts';
import { encodeRow, type SampleRow } from '../sample-rows.ts';

/** What has become of rows, by their identity: ids, and every byte of each. */
export interface Landed {
  readonly rows: number;
  readonly lost: number;
  readonly repeated: number;
  /** Rows that nobody has written so. */
  readonly foreign: number;
  /** In words; none when every row is there once, as it was. */
  readonly differences: readonly string[];
}

export function landed(written: readonly SampleRow[], found: readonly SampleRow[]): Landed {
  const ids = new Set(found.map(({ id }) => id));
  const wanted = new Map(written.map((row) => [row.id, encodeRow(row)]));
  return {
    rows: written.length,
    lost: written.filter(({ id }) => !ids.has(id)).length,
    repeated: found.length - ids.size,
    foreign: found.filter((row) => wanted.get(row.id)?.equals(encodeRow(row)) !== true).length,
    differences: rowDifferences(written, found),
  };
}
