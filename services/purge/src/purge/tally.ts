/** So many ids, of which this is the lowest and that the highest. */
export interface IdTally {
  readonly rows: number;
  readonly fromId: number | null;
  readonly toId: number | null;
}

/** Old rows that stay: as the settings want it, or because other tables refer to them. */
export interface Kept {
  excluded: IdTally;
  declined: IdTally;
  referenced: IdTally;
}

export const NO_IDS: IdTally = { rows: 0, fromId: null, toId: null };

export function noneKept(): Kept {
  return { excluded: NO_IDS, declined: NO_IDS, referenced: NO_IDS };
}

export function tallied(ids: readonly [number, ...number[]]): IdTally & {
  readonly fromId: number;
  readonly toId: number;
};
export function tallied(ids: readonly number[]): IdTally;
export function tallied(ids: readonly number[]): IdTally {
  if (ids.length === 0) return NO_IDS;
  let fromId = ids[0]!;
  let toId = fromId;
  for (const id of ids) {
    if (id < fromId) fromId = id;
    if (id > toId) toId = id;
  }
  return { rows: ids.length, fromId, toId };
}

export function together(a: IdTally, b: IdTally): IdTally {
  if (a.fromId === null || a.toId === null) return b;
  if (b.fromId === null || b.toId === null) return a;
  return {
    rows: a.rows + b.rows,
    fromId: Math.min(a.fromId, b.fromId),
    toId: Math.max(a.toId, b.toId),
  };
}

export function keptTogether(a: Kept, b: Kept): Kept {
  return {
    excluded: together(a.excluded, b.excluded),
    declined: together(a.declined, b.declined),
    referenced: together(a.referenced, b.referenced),
  };
}
