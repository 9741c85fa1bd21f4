import { type CapturedIds, type Checkpoint, type Reconcile } from '@scoreline/ledger';

import type { Fenced } from './beginning.ts';
import { compareTail, type Tail, type TailOptions } from './compare-tail.ts';
import { reconcileFrom } from './first-checkpoint.ts';
import { fromNow } from './from-now.ts';
import type { LedgerTopics } from './ledger-topics.ts';
import type { SessionOptions } from './session-options.ts';

/** What a ledger says. */
export interface KnownLedger {
  readonly checkpoint: Checkpoint;
  readonly captured: CapturedIds;
  readonly topics: LedgerTopics;
}

export interface Anew extends KnownLedger {
  readonly reason: Reconcile['reason'];
  /** Throws when what was compared is too little to go on with. */
  readonly proven?: (tail: Tail) => void;
}

/** The same ledger with another place in the binlog: what was committed between is in the table. */
export function anew(
  options: SessionOptions,
  fenced: Fenced,
  { checkpoint, captured, topics, reason, proven }: Anew,
): Promise<Checkpoint> {
  const { startFloor, source: identity, optionalColumns: known } = checkpoint;
  const nowOptions = { ...options, ...fenced, identity, optionalColumns: known };
  return fromNow(nowOptions, async ({ p0, table, optionalColumns }) => {
    const tail = await compareTail(tailOptions(options, fenced, { captured, topics }), table);
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
  { kafka, version, log }: SessionOptions,
  { signal }: Fenced,
  ledger: Pick<KnownLedger, 'captured' | 'topics'>,
): TailOptions {
  const { captured, topics } = ledger;
  return { kafka, captured, topics, version, signal, log };
}
