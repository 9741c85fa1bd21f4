import { bucketMessage } from '../bucket-codec.ts';
import type { LedgerState } from '../state.ts';

/** All that a state says, to be compared: its sets of ids have fields that deep equality does not see. */
export function fingerprint({ captured, records: _records, ...state }: LedgerState): unknown {
  const buckets = [...captured.buckets.values()]
    .toSorted((a, b) => a.number - b.number)
    .map((bucket) => [bucket.number, bucketMessage(bucket).value.toString('base64')]);
  return { ...state, buckets, count: captured.count, maxId: captured.maxId };
}
