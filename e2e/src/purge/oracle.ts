import type { Side } from '@scoreline/local';

/** What a side holds: a hash over every byte of each row, by id. */
export interface Holding {
  readonly hashes: ReadonlyMap<number, bigint>;
  /** Ids that are there more than once. */
  readonly doubled: ReadonlySet<number>;
}

export function holdingOf({ rows }: Side): Holding {
  const { ids, hashes } = rows.sorted();
  const held = new Map<number, bigint>();
  const doubled = new Set<number>();
  for (const [index, id] of ids.entries()) {
    if (held.has(id)) doubled.add(id);
    held.set(id, hashes[index]!);
  }
  return { hashes: held, doubled };
}

export interface Facts {
  /** Every row that MySQL was ever seen to hold, as it was then. */
  readonly before: ReadonlyMap<number, bigint>;
  readonly after: ReadonlyMap<number, bigint>;
  /** Ids of every `done` and `resolved` record of the purge, as often as they are there. */
  readonly recorded: readonly number[];
  /** What each archive holds that a row had to be in before it left MySQL. */
  readonly archives: ReadonlyMap<string, Holding>;
  /** Rows that no archive has to hold: somebody has said that they may go without. */
  readonly archivedNowhere?: ReadonlySet<number>;
  /** Rows that left MySQL while other archives counted, and were judged by those. */
  readonly judged?: ReadonlySet<number>;
}

/**
 * What speaks against the purge, a line for each row: one that left without a record or with two, a record
 * of one that is still there, one that an archive does not hold once and with every byte, one that changed.
 */
export function complaints(facts: Facts): string[] {
  const { before, after, recorded, archives, archivedNowhere, judged } = facts;
  const found: string[] = [];
  const records = new Map<number, number>();
  for (const id of recorded) records.set(id, (records.get(id) ?? 0) + 1);
  for (const [id, hash] of before) {
    const times = records.get(id) ?? 0;
    records.delete(id);
    if (after.has(id)) {
      if (times > 0) found.push(`${id} is recorded as deleted, and MySQL holds it`);
      if (after.get(id) !== hash) found.push(`${id} is not as it was`);
      continue;
    }
    if (times !== 1) found.push(`${id} has left MySQL, and ${times} records say so`);
    if (judged?.has(id) === true || archivedNowhere?.has(id) === true) continue;
    for (const [archive, { hashes, doubled }] of archives) {
      const held = hashes.get(id);
      if (held === undefined) found.push(`${id} has left MySQL, and is not in ${archive}`);
      else if (held !== hash) found.push(`${id} has left MySQL, and is another in ${archive}`);
      if (doubled.has(id)) found.push(`${id} is more than once in ${archive}`);
    }
  }
  for (const id of after.keys()) if (!before.has(id)) found.push(`${id} came from nowhere`);
  for (const id of records.keys())
    found.push(`${id} is recorded as deleted, and MySQL was never seen to hold it`);
  return found;
}
