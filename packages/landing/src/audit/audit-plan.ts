import type { Audit, Bucket, LedgerState } from '@scoreline/ledger';

import type { GroupCommits } from './group-commits.ts';

/** Buckets that cannot be compared yet, and why. */
export interface Waiting {
  readonly bucket: number;
  readonly why: string;
}

export interface AuditPlan {
  /** Ascending. */
  readonly buckets: readonly number[];
  readonly waiting: readonly Waiting[];
}

/** Buckets by their numbers, both inclusive. */
export interface BucketSpan {
  readonly from: number;
  readonly to: number;
}

type Ledger = Pick<LedgerState, 'captured' | 'retired'>;

/** Which buckets can be compared: those of which the groups have landed every row that the ledger knows. */
export function planAudit(
  { captured, retired }: Ledger,
  commits: GroupCommits,
  isWanted: (bucket: Bucket) => boolean,
): AuditPlan {
  const buckets: number[] = [];
  const waiting: Waiting[] = [];
  for (const bucket of inOrder(captured.buckets)) {
    if (!isWanted(bucket)) continue;
    const why = whyNotYet(bucket, commits, retired);
    if (why === null) buckets.push(bucket.number);
    else waiting.push({ bucket: bucket.number, why });
  }
  return { buckets, waiting };
}

function inOrder(buckets: ReadonlyMap<number, Bucket>): Bucket[] {
  return [...buckets.values()].sort((a, b) => a.number - b.number);
}

function whyNotYet(
  { captured, offsets }: Bucket,
  commits: GroupCommits,
  retired: Ledger['retired'],
): string | null {
  if (captured.count > 0 && offsets.size === 0) return 'the ledger does not say where its rows are';
  for (const [topic, { first, end }] of offsets) {
    // That no group lacked any of its rows was proven then.
    if (retired.has(topic)) continue;
    for (const [partition, from] of first.entries()) {
      if (from < 0) continue;
      const commit = commits.get(topic)?.[partition];
      const place = `${topic}[${partition}]`;
      if (commit === undefined) return `there is no ${place}`;
      if (commit === null) return `nothing of ${place} has been landed in this destination`;
      if (commit.offset < BigInt(end[partition]!)) {
        return `${place} has been landed up to ${commit.offset}, and has its rows up to ${end[partition]}`;
      }
    }
  }
  return null;
}

/**
 * Whether a clean audit of this destination says already what another one would: of as many ids, and from
 * before the runs that the groups have now.
 */
export function isAudited(
  bucket: Bucket,
  audits: readonly Audit[],
  { dest, since }: Pick<Audit, 'dest' | 'since'>,
): boolean {
  return audits.some(
    (audit) =>
      audit.dest === dest &&
      audit.counts[bucket.number - audit.from] === bucket.captured.count &&
      [...bucket.offsets.keys()].every((topic) =>
        (since[topic] ?? []).every((began, partition) => {
          return began <= (audit.since[topic]?.[partition] ?? -1);
        }),
      ),
  );
}
