import type { Bucket, RosterSink } from '@scoreline/ledger';

import { auditedBelow, countOf } from './audited.ts';
import { type Evidence, groupOf, seenKey } from './evidence.ts';
import { type Needed, whyNotLanded } from './partition-proof.ts';
import type { Reason } from './reason.ts';

export interface ProofPolicy {
  /**
   * `audit`: that a sink has landed a bucket is not enough. A clean audit of it must have found each of its ids, as
   * many as it has now, in the destination that was promoted.
   */
  readonly verify: 'none' | 'audit';
}

/**
 * Why not every active sink has landed all of a bucket; empty when each has: then, and only then, are the
 * captured ids of the bucket safe to delete. It is about every row that the bucket had when the ledger was
 * read; a row that comes later is not in that ledger's bitmap.
 */
export function whyNotProven(
  bucket: Bucket,
  evidence: Evidence,
  { verify }: ProofPolicy = { verify: 'none' },
): Reason[] {
  const active = evidence.roster.filter(({ state }) => state === 'active');
  if (active.length === 0) {
    return [
      {
        kind: 'refuse',
        code: 'no-active-sink',
        message: 'no sink is active: nothing proves that rows are kept',
      },
    ];
  }
  if (bucket.captured.count > 0 && rowsOf(bucket).length === 0) {
    return [
      {
        kind: 'refuse',
        code: 'bucket-without-offsets',
        message: `the ledger has ${bucket.captured.count} ids from ${bucket.firstId} on, and not where their rows are`,
      },
    ];
  }
  return active.flatMap((sink) => {
    const reasons = whyNotIn(sink, bucket, evidence);
    const unaudited = verify === 'audit' ? whyNotAudited(sink, bucket, evidence) : null;
    return unaudited === null ? reasons : [...reasons, unaudited];
  });
}

/** A bit is never taken back: where the count is the one that was compared, so are the ids. */
function whyNotAudited(
  { name, dest }: RosterSink,
  { number, captured, firstId }: Bucket,
  { audits }: Evidence,
): Reason | null {
  const here = (audits.get(name) ?? []).filter((audit) => audit.dest === dest);
  const counts = here.flatMap((audit) => countOf(audit, number) ?? []);
  if (captured.count === 0 || counts.includes(captured.count)) return null;
  const seen =
    counts.length === 0 ? 'none has compared them' : `it has compared ${Math.max(...counts)}`;
  return {
    kind: 'wait',
    code: 'not-audited',
    message: `sink ${name}: purge_verify asks for a clean audit of the ${captured.count} ids from ${firstId} on, and ${seen}`,
    at: { sink: name },
  };
}

function whyNotIn(sink: RosterSink, bucket: Bucket, evidence: Evidence): Reason[] {
  const reasons: Reason[] = [];
  for (const { topic, partition, first, end } of rowsOf(bucket)) {
    const group = groupOf(sink.name, topic);
    const needed: Needed = { place: { sink: sink.name, topic, partition }, first, end };
    const reason = whyNotLanded(
      needed,
      evidence.groups.find(
        (found) => found.group === group && found.topic === topic && found.partition === partition,
      ),
      {
        dest: sink.dest,
        highest:
          sink.dest === null
            ? undefined
            : evidence.highest.get(seenKey({ group, topic, partition }, sink.dest)),
        auditedBelow: auditedBelow(evidence.audits.get(sink.name) ?? [], {
          dest: sink.dest,
          bucket: bucket.number,
          topic,
          partition,
        }),
      },
    );
    if (reason !== null) reasons.push(reason);
  }
  return reasons;
}

interface BucketRows {
  readonly topic: string;
  readonly partition: number;
  readonly first: bigint;
  readonly end: bigint;
}

function rowsOf(bucket: Bucket): BucketRows[] {
  return [...bucket.offsets].flatMap(([topic, { first, end }]) =>
    first.flatMap((offset, partition) =>
      offset < 0 ? [] : [{ topic, partition, first: BigInt(offset), end: BigInt(end[partition]!) }],
    ),
  );
}
