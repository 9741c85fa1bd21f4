/** As many rows are looked at at a time, at most. */
export const MOST_LOT_ROWS = 200_000;
/** A lot is prepared while the one before is deleted: in so many chunks there is time for both. */
const CHUNKS_PER_LOT = 20;
/** How far chunks of one lot may grow beyond what was measured when it was prepared. */
const MOST_GROWTH = 4;

/** How many rows are prepared for deletion at a time. */
export function lotRows(chunkRows: number): number {
  return Math.min(MOST_LOT_ROWS, chunkRows * CHUNKS_PER_LOT * MOST_GROWTH);
}

/** Cuts ids into chunks: they begin with the size at hand and grow, as a size is only tried by using it. */
export function cutChunks(
  ids: readonly number[],
  { chunkRows, mostChunkRows }: { readonly chunkRows: number; readonly mostChunkRows: number },
): (readonly number[])[] {
  const largest = Math.min(mostChunkRows, chunkRows * MOST_GROWTH);
  const chunks: (readonly number[])[] = [];
  let rows = Math.min(chunkRows, largest);
  for (let from = 0; from < ids.length; from += chunks.at(-1)!.length) {
    chunks.push(ids.slice(from, from + rows));
    rows = Math.min(largest, rows * 2);
  }
  return chunks;
}

/** A chunk that was cut when the source was quicker is cut again. */
export function isOversized(rows: number, chunkRows: number): boolean {
  return rows > chunkRows * MOST_GROWTH;
}
