/** Ids, both inclusive. */
export interface IdsBetween {
  readonly minId: number;
  readonly maxId: number;
}

/**
 * What has to be read next until it is known which of the archiver's files have ids between two; null when it
 * is known. `highestOf` has an answer for each file that was read: -1 when it has no rows.
 *
 * The archiver goes on by id, so that each file begins above the one before. But one that failed between a batch
 * and its watermark, or within the batch, has left a file, and the batch is in the next one too: which is longer, and
 * begins with a lower id when a transaction of before has been committed meanwhile. In the order of their
 * first ids the shorter one then comes behind, in the midst of what the longer one has. So below the last file that
 * begins low enough files are read until one ends before the one behind it begins.
 */
export function fileToRead<F extends { readonly firstId: number }>(
  files: readonly F[],
  { minId, maxId }: IdsBetween,
  highestOf: (file: F) => number | undefined,
): F | null {
  let behind: number | null = null;
  for (const file of files.toReversed()) {
    if (file.firstId > maxId) continue;
    const highest = highestOf(file);
    if (highest === undefined) return file;
    // Begun and never filled.
    if (highest < 0) continue;
    if (behind !== null && highest < behind) return null;
    if (file.firstId <= minId) behind = file.firstId;
  }
  return null;
}
