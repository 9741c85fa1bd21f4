import type { Span, TablePort } from './ports.ts';

/** Where the old rows end, and where they begin. */
export interface Frontier {
  /** The lowest id of the table. */
  readonly firstId: number;
  /** About the highest id of an old row: below `firstId` when there is none. */
  readonly lastOldId: number;
}

/** About where the old rows end, by halving: times rise with the ids, but for a few. It serves to say how much is left. */
export async function findFrontier(
  table: Pick<TablePort, 'lot'>,
  { minId, maxId }: Span,
  signal: AbortSignal,
): Promise<Frontier> {
  let low = minId - 1;
  let high = maxId;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { ids, old } = await table.lot(middle, 1, signal);
    if (old[0] === 1) low = ids[0]!;
    else high = middle;
  }
  return { firstId: minId, lastOldId: low };
}
