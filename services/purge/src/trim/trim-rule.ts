import { type FoundPartition, parseCommitMetadata } from '@scoreline/landing';
import type { Audit, SinkState } from '@scoreline/ledger';
import { PermanentError } from '@scoreline/service';

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
  const { topic, partition: number, logStart, logEnd, rowsEnd, youngFrom, holders } = partition;
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
    const landed = landedBy(holder, { ...at, logStart, wanted });
    if (landed.reason !== null) reasons.push(landed.reason);
    if (landed.below < below) below = landed.below;
  }
  return { ...nothing, below: below < logStart ? logStart : below, reasons };
}

interface Wanted {
  readonly topic: string;
  readonly partition: number;
  readonly logStart: bigint;
  readonly wanted: bigint;
}

/** Up to where a sink needs no record any more. */
function landedBy(
  { sink, dest: promoted, found, highest, audits }: Holder,
  { topic, partition, logStart, wanted }: Wanted,
): { readonly below: bigint; readonly reason: Reason | null } {
  const place = { sink, topic, partition };
  const seen = commitOf(found);
  const below = [seen?.committed, seen?.quarantinedFrom].reduce(
    (least: bigint, one) => (one === undefined || one > least ? least : one),
    wanted,
  );
  const dest = promoted ?? seen?.dest ?? null;
  const expected = { dest, highest, auditedBelow: auditedBelow(audits, { ...place, dest }) };
  const refused = whyNotLanded({ place, first: logStart, end: below }, found, expected);
  if (refused !== null) return { below: logStart, reason: refused };
  // Nothing is wrong with what it has landed: it has more to land.
  const reason = whyNotLanded({ place, first: logStart, end: wanted }, found, expected);
  return { below, reason };
}

interface Commit {
  readonly committed: bigint;
  readonly dest: string;
  readonly quarantinedFrom: bigint | undefined;
}

/** Undefined when there is none, or it is not understood: then the proof says what is wrong with it. */
export function commitOf(found: FoundPartition | undefined): Commit | undefined {
  const text = found?.committed?.metadata ?? '';
  if (!found?.committed || text === '') return undefined;
  try {
    const { dest, quarantined } = parseCommitMetadata(text, found.group);
    return { committed: found.committed.offset, dest, quarantinedFrom: quarantined?.first };
  } catch (error) {
    if (error instanceof PermanentError) return undefined;
    throw error;
  }
}

/** The latest beginning of the group's run before which a clean audit was made of this destination. */
function auditedBelow(
  audits: readonly Audit[],
  { dest, topic, partition }: { dest: string | null; topic: string; partition: number },
): bigint | undefined {
  const since = audits
    .filter((audit) => audit.dest === dest)
    .map((audit) => audit.since[topic]?.[partition] ?? -1);
  const latest = Math.max(-1, ...since);
  return latest < 0 ? undefined : BigInt(latest);
}
