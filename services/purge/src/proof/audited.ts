import type { Audit } from '@scoreline/ledger';

export interface Audited {
  /** Fingerprint of the destination. */
  readonly dest: string | null;
  readonly bucket: number;
  readonly topic: string;
  readonly partition: number;
}

/** The latest beginning of the group's run that clean audits of this bucket in this destination allow. */
export function auditedBelow(
  audits: readonly Audit[],
  { dest, bucket, topic, partition }: Audited,
): bigint | undefined {
  let latest: bigint | undefined;
  for (const audit of audits) {
    const since = audit.since[topic]?.[partition] ?? -1;
    const isOther = audit.dest !== dest || countOf(audit, bucket) === undefined;
    if (isOther || since < 0) continue;
    if (latest === undefined || BigInt(since) > latest) latest = BigInt(since);
  }
  return latest;
}

/** Of a bucket that the audit compared: how many ids it had captured then. */
export function countOf({ from, counts }: Audit, bucket: number): number | undefined {
  return bucket < from ? undefined : counts[bucket - from];
}
