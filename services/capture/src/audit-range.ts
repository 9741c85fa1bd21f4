import { BUCKET_IDS, bucketOf } from '@scoreline/ledger';

import type { IdRange } from './id-range.ts';

/** Buckets that an audit looks at. */
const AUDIT_BUCKETS = 2;

/** The newest buckets that no new row falls into any more, late ones aside; null when there is none. */
export function auditRange(maxId: number, floor: number): IdRange | null {
  const to = bucketOf(maxId) * BUCKET_IDS - 1;
  const from = Math.max(floor, to - AUDIT_BUCKETS * BUCKET_IDS + 1);
  return from <= to ? { from: Math.max(1, from), to } : null;
}
