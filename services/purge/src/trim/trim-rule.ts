import type { FoundPartition } from '@scoreline/landing';
import type { Audit, Bucket, SinkState } from '@scoreline/ledger';

import { auditedBelow } from '../proof/audited.ts';
import { metadataOf } from '../proof/metadata-of.ts';
import { whyNotLanded } from '../proof/partition-proof.ts';
import type { Reason } from '../proof/reason.ts';

/** A sink that needs a topic's records, or may. */
export interface Holder {
  readonly sink: string;
  /** `unlisted`: it has a group, and no roster names it. */
  readonly state: Exclude<SinkState, 'retired'> | 'unlisted';
  /** Fingerprint of the destination that was promoted; null when none was. */
  readonly dest: string | null;
  readonly found: FoundPartition | undefined;
  /** The highest offset that it was seen to have committed. */
  readonly highest: bigint | undefined;
  readonly audits: readonly Audit[];
}

/** One partition with everything that its trimming rests on. */
export interface Trimmable {
  readonly topic: string;
  readonly partition: number;
  readonly logStart: bigint;
  readonly logEnd: bigint;
  /** The offset after the last row that the ledger knows. */
  readonly rowsEnd: bigint;
  /** Where the first record begins that is too young to go; null when the brokers did not say. */
  readonly youngFrom: bigint | null;
  /** Of the ledger: where the rows of each begin and end. */
  readonly buckets: ReadonlyMap<number, Pick<Bucket, 'number' | 'offsets'>>;
  readonly holders: readonly Holder[];
}

export interface TrimDecision {
  readonly topic: string;
  readonly partition: number;
  readonly logStart: bigint;
  /** Records below may go; the log's start when none may. */
  readonly below: bigint;
  /** What keeps records that are old enough to go. */
  readonly reasons: readonly Reason[];
}

/**
 * Which records of a partition may go: those that every sink has landed, and that are old enough. What is not
 * known, or not understood, of any sink keeps all of them: a record that is gone cannot be landed any more.
 */
export function decideTrim(partition: Trimmable): TrimDecision {
  const { topic, partition: number, logStart, logEnd, rowsEnd, youngFrom } = partition;
  const { buckets, holders } = partition;
  const at = { topic, partition: number };
  const nothing = { ...at, logStart, below: logStart };
  const refuse = (code: string, what: string): TrimDecision => ({
    ...nothing,
    reasons: [{ kind: 'refuse', code, message: `${topic}[${number}]: ${what}` }],
  });
  if (logEnd < rowsEnd) {
    return refuse(
      'topic-truncated',
      `the ledger has rows up to ${rowsEnd}, but the log ends at ${logEnd}: it was truncated or created again`,
    );
  }
  if (youngFrom === null) {
    return refuse('record-age-unknown', 'the brokers do not say how old its records are');
  }
  const wanted = rowsEnd < youngFrom ? rowsEnd : youngFrom;
  if (wanted <= logStart) return { ...nothing, reasons: [] };
  if (holders.every(({ state }) => state !== 'active')) {
    return refuse('no-active-sink', 'no sink is active: nothing proves that its rows are kept');
  }

  const reasons: Reason[] = [];
  let below = wanted;
  for (const holder of holders) {
    const landed = landedBy(holder, { ...at, logStart, buckets, wanted });
    if (landed.reason !== null) reasons.push(landed.reason);
    if (landed.below < below) below = landed.below;
  }
  return { ...nothing, below: below < logStart ? logStart : below, reasons };
}

interface Wanted extends Pick<Trimmable, 'topic' | 'partition' | 'logStart' | 'buckets'> {
  readonly wanted: bigint;
}

/** Up to where a sink needs no record any more. */
function landedBy(
  { sink, dest: promoted, found, highest, audits }: Holder,
  at: Wanted,
): { readonly below: bigint; readonly reason: Reason | null } {
  const { topic, partition, logStart, wanted } = at;
  const place = { sink, topic, partition };
  const seen = found && metadataOf(found);
  const committed = seen && found?.committed?.offset;
  const below = [committed, seen?.quarantined?.first].reduce(
    (least: bigint, one) => (one === undefined || one > least ? least : one),
    wanted,
  );
  const dest = promoted ?? seen?.dest ?? null;
  const audited =
    seen !== undefined && seen.since > logStart
      ? allAuditedBelow(seen.since, { audits, dest }, at)
      : undefined;
  const expected = { dest, highest, auditedBelow: audited };
  const refused = whyNotLanded({ place, first: logStart, end: below }, found, expected);
  if (refused !== null) return { below: logStart, reason: refused };
  // Nothing is wrong with what it has landed: it has more to land.
  const reason = whyNotLanded({ place, first: logStart, end: wanted }, found, expected);
  return { below, reason };
}

/**
 * The latest beginning of the group's run with which it has all the same what was in the log before: clean audits
 * found each bucket of these rows in this destination. Undefined when one of them was never compared.
 */
function allAuditedBelow(
  since: bigint,
  { audits, dest }: Pick<Holder, 'audits' | 'dest'>,
  { topic, partition, logStart, buckets }: Wanted,
): bigint | undefined {
  let least: bigint | undefined;
  for (const { number: bucket, offsets } of buckets.values()) {
    const first = offsets.get(topic)?.first[partition] ?? -1;
    const end = offsets.get(topic)?.end[partition] ?? -1;
    if (first < 0 || first >= since || end <= logStart) continue;
    const below = auditedBelow(audits, { dest, bucket, topic, partition });
    if (below === undefined) return undefined;
    if (least === undefined || below < least) least = below;
  }
  return least;
}
