import {
  checkNobodyAdds,
  type IdSet,
  type Range,
  restOf,
  type WriteAttempt,
} from '@scoreline/landing';
import type { Logger } from '@scoreline/service';

import type { Archive } from './archive.ts';

export interface AskOptions {
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * A range less the rows that the archiver's files have, up to the bound; null when they have all. The
 * files stay as they are, so the rest is the same whenever the range is written, and so are its files.
 */
export async function restBesideArchive(
  archive: Archive,
  whole: Range,
  attempt: WriteAttempt,
  { log, signal }: AskOptions,
): Promise<Range | null> {
  const { heldUpTo } = attempt;
  if (heldUpTo === undefined) return whole;
  const there = await archive.idsFor(whole, heldUpTo, signal);
  if (whole.maxId > heldUpTo) {
    checkNobodyAdds(whole, { highest: await highestIn(whole, there) }, attempt);
  }
  const rest = await restOf(whole, { has: (id) => id <= heldUpTo && there.has(id) });
  const { identity, rows } = whole;
  log.info({ range: identity, rows, found: rest.found }, 'asked the archiver’s files');
  return rest.range;
}

/** The highest of a range's ids that are there; -1 when none is. */
async function highestIn(range: Range, there: Pick<IdSet, 'has'>): Promise<number> {
  let highest = -1;
  for await (const { ids } of range.chunks()) {
    for (const id of ids) if (id > highest && there.has(id)) highest = id;
  }
  return highest;
}
