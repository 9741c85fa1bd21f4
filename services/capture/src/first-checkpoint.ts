import { randomUUID } from 'node:crypto';

import type { BinlogPosition, Checkpoint, Reconcile, SourceIdentity } from '@scoreline/ledger';

import type { Initial } from './initial.ts';

/** What a beginning has to know of the table: ids that it holds now. */
export interface TableBounds {
  readonly firstId: (from: number) => Promise<number | null>;
  readonly lastId: () => Promise<number | null>;
  /** Every row of that time or later has this id or a higher one; null when there is none. */
  readonly firstIdSince: (sinceUs: number) => Promise<number | null>;
}

/** Where it begins, and what the table is then. */
export interface Outset {
  /** A position of which everything before can be seen. */
  readonly p0: BinlogPosition;
  readonly table: TableBounds;
  readonly optionalColumns: readonly string[];
}

/**
 * Where a new ledger begins: at `p0`, with the rows of the table that `initial` asks for to be reconciled
 * beside the stream. The stream is read from the beginning of its file all the same, so that even the
 * first checkpoint has an event before it that proves the source.
 */
export async function firstCheckpoint(
  identity: SourceIdentity,
  { p0, table, optionalColumns }: Outset,
  initial: Initial,
): Promise<Checkpoint> {
  const last = (await table.lastId()) ?? 0;
  const floor = await floorOf(table, initial, last);
  return {
    ledgerUuid: randomUUID(),
    source: identity,
    position: p0,
    gtidSet: '',
    event: null,
    commitTimeMs: 0,
    openGroup: null,
    startFloor: { position: p0, id: floor },
    reconcile: await reconcileFrom('initial', p0, table, floor),
    optionalColumns,
    topicEnds: {},
  };
}

/** All that the table holds from `floor` on, to be read because the stream begins at `p0`. */
export async function reconcileFrom(
  reason: Reconcile['reason'],
  p0: BinlogPosition,
  table: TableBounds,
  floor: number,
): Promise<Reconcile | null> {
  const from = await table.firstId(floor);
  const to = await table.lastId();
  if (from === null || to === null || to < from) return null;
  return { reason, p0, from, to, next: from, published: 0, startedAtMs: Date.now() };
}

/** Ids below are declined. */
async function floorOf(table: TableBounds, initial: Initial, last: number): Promise<number> {
  switch (initial.mode) {
    case 'all':
      return 0;
    case 'now':
      return last + 1;
    case 'since':
      return (await table.firstIdSince(initial.sinceUs)) ?? last + 1;
    default:
      return initial satisfies never;
  }
}
