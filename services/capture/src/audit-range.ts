import { BUCKET_IDS, bucketOf } from '@scoreline/ledger';

/** Both ends belong to it. */
export interface IdRange {
  readonly from: number;
  readonly to: number;
}

/** Buckets that an audit looks at. */
const AUDIT_BUCKETS = 2;

/** The newest buckets that no new row falls into any more, late ones aside; null when there is none. */
export function auditRange(maxId: number, floor: number): IdRange | null {
  const to = bucketOf(maxId) * BUCKET_IDS - 1;
  const from = Math.max(floor, to - AUDIT_BUCKETS * BUCKET_IDS + 1);
  return from <= to ? { from: Math.max(1, from), to } : null;
}

/** `<from>-<to>`; null for anything else. */
export function parseIdRange(text: string): IdRange | null {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to) };
  return Number.isSafeInteger(range.from) &&
    Number.isSafeInteger(range.to) &&
    range.from <= range.to
    ? range
    : null;
}
