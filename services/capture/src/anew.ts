import { type CapturedIds, type Checkpoint, READER_GROUP, type Reconcile } from '@scoreline/ledger';

import type { Fenced } from './beginning.ts';
import { compareTail, type Tail, type TailOptions } from './compare-tail.ts';
import { reconcileFrom } from './first-checkpoint.ts';
import { fromNow } from './from-now.ts';
import type { SessionOptions } from './session.ts';

export interface Anew {
  readonly checkpoint: Checkpoint;
  readonly captured: CapturedIds;
  readonly reason: Reconcile['reason'];
  /** Throws when what was compared is too little to go on with. */
  readonly proven?: (tail: Tail) => void;
}

/** The same ledger with another place in the binlog: what was committed between is in the table. */
export function anew(
  options: SessionOptions,
  fenced: Fenced,
  { checkpoint, captured, reason, proven }: Anew,
): Promise<Checkpoint> {
  const { startFloor, source: identity, optionalColumns: known } = checkpoint;
  const nowOptions = { ...options, ...fenced, identity, optionalColumns: known };
  return fromNow(nowOptions, async ({ p0, table, optionalColumns }) => {
    const tail = await compareTail(tailOptions(options, fenced, captured), table);
    proven?.(tail);
    return {
      ...checkpoint,
      position: p0,
      event: null,
      gtidSet: '',
      openGroup: null,
      optionalColumns,
      reconcile: await reconcileFrom(reason, p0, table, startFloor.id),
    };
  });
}

export function tailOptions(
  { kafka, config, log }: SessionOptions,
  { signal }: Fenced,
  captured: CapturedIds,
): TailOptions {
  return { kafka, group: `${config.topic_prefix}${READER_GROUP}`, captured, signal, log };
}
