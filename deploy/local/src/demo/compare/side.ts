import { type Row, rowText } from './row.ts';
import { SideRows } from './side-rows.ts';

/** A row as one side has it, for showing. */
export interface FoundRow {
  readonly id: number;
  /** Where in that side it is, where there is more to say than its name. */
  readonly where: string;
  readonly text: string;
}

/** Calls `visit` with each row of one side. */
export type Scan = (visit: (row: Row, where: () => string) => void) => Promise<void>;

/** One side of the comparison, read once, and read again for the few rows that are shown. */
export interface Side {
  readonly name: string;
  readonly rows: SideRows;
  readonly readMs: number;
  find(ids: ReadonlySet<number>): Promise<FoundRow[]>;
}

export async function readSide(name: string, scan: Scan): Promise<Side> {
  const started = performance.now();
  const rows = new SideRows();
  await scan((row) => rows.add(row));
  return {
    name,
    rows,
    readMs: performance.now() - started,
    find: async (ids) => {
      const found: FoundRow[] = [];
      await scan((row, where) => {
        if (ids.has(row.id)) found.push({ id: row.id, where: where(), text: rowText(row) });
      });
      return found.sort((a, b) => a.id - b.id);
    },
  };
}
