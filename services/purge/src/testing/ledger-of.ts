import {
  type Audit,
  Bucket,
  BUCKET_IDS,
  CapturedIds,
  IdBits,
  type LedgerState,
  type Roster,
} from '@scoreline/ledger';

import { checkpointOf } from './checkpoint-of.ts';

export const TOPIC = 'log_scores-v1';

interface Given {
  readonly roster?: Roster;
  readonly audits?: Readonly<Record<string, readonly Audit[]>>;
  /** By number, where its rows begin and end in the topic's one partition; its ids are the first 10. */
  readonly buckets?: Readonly<Record<number, readonly [first: number, end: number]>>;
  readonly topicEnds?: Readonly<Record<string, readonly number[]>>;
  readonly retired?: LedgerState['retired'];
}

/** A ledger of one partition, with three buckets of 100 rows each unless it is said otherwise. */
export function ledgerOf({
  roster = [],
  audits = {},
  buckets = { 0: [0, 100], 1: [100, 200], 2: [200, 300] },
  topicEnds = { [TOPIC]: [300] },
  retired = new Map(),
}: Given = {}): LedgerState {
  return {
    checkpoint: checkpointOf({ topicEnds }),
    captured: new CapturedIds(
      Object.entries(buckets).map(([number, [first, end]]) => bucketOf(Number(number), first, end)),
    ),
    retired,
    roster,
    audits: new Map(Object.entries(audits)),
    request: null,
    records: 0,
  };
}

function bucketOf(number: number, first: number, end: number): Bucket {
  const ids = new IdBits();
  for (let low = 0; low < 10; low++) ids.add(low);
  const offsets = new Map([[TOPIC, { first: [first], end: [end] }]]);
  return new Bucket(number, ids, new IdBits(), offsets);
}

/** The id of that place in a bucket. */
export function idIn(bucket: number, low = 0): number {
  return bucket * BUCKET_IDS + low;
}
