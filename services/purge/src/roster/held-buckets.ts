import type { FoundPartition } from '@scoreline/landing';
import { type Bucket, bucketOf, type LedgerState } from '@scoreline/ledger';

import { countOf } from '../proof/audited.ts';
import { whyNotProven } from '../proof/bucket-proof.ts';
import type { Evidence } from '../proof/evidence.ts';
import type { Reason } from '../proof/reason.ts';
import { type IdRange, rangesOf, rangeText } from './id-ranges.ts';
import type { Problem } from './plan.ts';

export interface HeldInput {
  readonly sink: string;
  /** Fingerprint of the destination that would be promoted. */
  readonly dest: string;
  readonly ledger: LedgerState;
  readonly found: readonly FoundPartition[];
  readonly minId: number | null;
  /** The sink is active with another destination: what it has landed here must have been looked at. */
  readonly mustAudit: boolean;
}

export interface HeldBuckets {
  readonly lines: readonly string[];
  readonly problems: readonly Problem[];
  /** What the digest is of. */
  readonly seen: unknown;
}

/**
 * Whether the purge would ever prove that this sink has the rows that MySQL still holds, by the very rule of
 * the purge. What is behind is only late; what it began after never comes by itself.
 */
export function heldByMySql(input: HeldInput): HeldBuckets {
  const { sink, ledger, minId } = input;
  const first = minId === null ? Number.POSITIVE_INFINITY : bucketOf(minId);
  const newest = bucketOf(ledger.captured.maxId);
  const lacking = new Map<number, Reason>();
  const unaudited: number[] = [];
  const never: number[] = [];
  let held = 0;
  for (const bucket of inOrder(ledger.captured.buckets)) {
    if (bucket.captured.count === 0) continue;
    const why = whyNever(bucket, input);
    if (bucket.number < first) {
      if (why !== null) never.push(bucket.number);
      continue;
    }
    held++;
    if (why !== null) lacking.set(bucket.number, why);
    // The newest one is still being filled: no audit can be of all of it.
    else if (input.mustAudit && bucket.number < newest && !isAudited(bucket, input)) {
      unaudited.push(bucket.number);
    }
  }
  const lines = [
    minId === null
      ? 'MySQL holds no rows: nothing has to be there from before'
      : `MySQL holds rows from id ${minId} on, in ${held} buckets of the ledger`,
    ...rangesOf(never).map(
      (range) =>
        `ids ${rangeText(range)} were deleted from MySQL before: ${sink} has not landed all of them, and never will`,
    ),
  ];
  const problems: Problem[] = [];
  const gone = goneOf(ledger.captured.buckets.get(first), minId, lacking);
  if (gone !== null) problems.push(partlyGone(sink, gone));
  for (const range of rangesOf(lacking.keys())) {
    const { message } = lacking.get(bucketOf(range.from))!;
    problems.push(notThere(sink, { ...range, from: Math.max(range.from, minId!) }, message));
  }
  for (const range of rangesOf(unaudited)) problems.push(notAudited(input, range));
  return { lines, problems, seen: { lacking: [...lacking.keys()], unaudited, never } };
}

/** What keeps a bucket from ever being proven, once the sink is active with this destination. */
function whyNever(bucket: Bucket, { sink, dest, ledger, found }: HeldInput): Reason | null {
  const evidence: Evidence = {
    roster: [{ name: sink, state: 'active', dest, changes: [] }],
    audits: ledger.audits,
    groups: found,
    highest: new Map(),
  };
  // What is wrong with a partition of a topic is told of that partition, once.
  const own = ({ code, at }: Reason) =>
    code === 'landed-from-later' || at?.topic === undefined || ledger.retired.has(at.topic);
  return whyNotProven(bucket, evidence).find((why) => why.kind === 'refuse' && own(why)) ?? null;
}

function isAudited({ number }: Bucket, { sink, dest, ledger }: HeldInput): boolean {
  const audits = ledger.audits.get(sink) ?? [];
  return audits.some((audit) => audit.dest === dest && countOf(audit, number) !== undefined);
}

/** Of the bucket in which MySQL's rows begin: the ids before, when some were captured and the sink lacks them. */
function goneOf(
  bucket: Bucket | undefined,
  minId: number | null,
  lacking: ReadonlyMap<number, Reason>,
): (IdRange & { readonly last: number }) | null {
  if (bucket === undefined || minId === null || !lacking.has(bucket.number)) return null;
  const { firstId, captured } = bucket;
  for (let low = 0; low < minId - firstId; low++) {
    if (!captured.has(low)) continue;
    const [range] = rangesOf([bucket.number]);
    return { from: firstId + low, to: minId - 1, last: range!.to };
  }
  return null;
}

function partlyGone(
  sink: string,
  { from, to, last }: IdRange & { readonly last: number },
): Problem {
  return {
    code: 'bucket-partly-gone',
    message: `ids ${rangeText({ from, to })} are in the ledger, and MySQL holds them no more: no audit of sink ${sink} can be clean up to id ${last}. Backfill what is left, and plan again when the purge has deleted up to there`,
  };
}

function notThere(sink: string, range: IdRange, why: string): Problem {
  const ids = rangeText(range);
  return {
    code: 'ids-missing',
    message: `ids ${ids} are in MySQL, and nothing shows that sink ${sink} has them (${why})`,
    commands: [
      `capture --backfill --backfill-sink ${sink} --backfill-ids ${ids}`,
      `sink-${sink} --audit --audit-ids ${ids}`,
    ],
  };
}

function notAudited({ sink, dest }: HeldInput, range: IdRange): Problem {
  const ids = rangeText(range);
  return {
    code: 'destination-changed',
    message: `another destination was promoted than ${dest}: that ids ${ids} are in this one must be shown by a clean audit`,
    commands: [`sink-${sink} --audit --audit-ids ${ids}`],
  };
}

function inOrder(buckets: ReadonlyMap<number, Bucket>): Bucket[] {
  return [...buckets.values()].toSorted((a, b) => a.number - b.number);
}
