import type { FoundPartition } from '@scoreline/landing';
import { bucketOf, type LedgerState, type RosterSink } from '@scoreline/ledger';

import { metadataOf } from '../proof/metadata-of.ts';
import { whyNotLanded } from '../proof/partition-proof.ts';
import type { Reason } from '../proof/reason.ts';
import { heldByMySql } from './held-buckets.ts';
import { type Decision, digestOf, namesOf, type Plan, type Problem, standing } from './plan.ts';
import { lastChange } from './retire-plan.ts';
import { withChange } from './roster-change.ts';

export interface Promoting {
  readonly sink: string;
  readonly ledger: LedgerState;
  /** The sink's groups of every topic that the ledger names, as brokers or a retirement describe them. */
  readonly found: readonly FoundPartition[];
  /** The lowest id that MySQL holds; null when it holds none. */
  readonly minId: number | null;
  /** Sinks that have a group of a topic of rows. */
  readonly grouped: readonly string[];
  readonly decision: Decision;
}

/**
 * Whether a sink may be one of those that must hold a row before it is deleted. That makes nothing go that did
 * not go before; but a sink that does not have what MySQL still holds would keep it there for ever. So it must
 * have landed every bucket of it from its beginning, or a clean audit must cover what it has not.
 */
export function planPromotion(promoting: Promoting): Plan {
  const { sink, ledger, found, minId, grouped, decision } = promoting;
  const { checkpoint, roster } = ledger;
  const before = roster.find(({ name }) => name === sink);
  const { dests, problems } = destinations(promoting);
  const dest = dests.length === 1 ? dests[0]! : null;
  const isDone = before?.state === 'active' && dest !== null && before.dest === dest;
  const base = {
    isDone,
    roster: withChange(roster, { name: sink, state: 'active', dest }, decision),
  };
  const seen = {
    verb: 'promote',
    ledger: checkpoint?.ledgerUuid ?? null,
    sink,
    roster: standing(roster),
    dest,
    since: found.map((one) => [one.topic, one.partition, String(metadataOf(one)?.since ?? null)]),
  };
  if (isDone) {
    const lines = [`${sink} is active already: ${lastChange(before.changes.at(-1))}`];
    return { ...base, lines, problems: [], digest: digestOf(seen) };
  }
  if (problems.length > 0) {
    return { ...base, lines: described(before, dest), problems, digest: digestOf(seen) };
  }

  const standings = ends(ledger).map((end) => partitionStanding(promoting, end, dest!));
  const held = heldByMySql({
    sink,
    dest: dest!,
    ledger,
    found,
    minId,
    mustAudit: before?.state === 'active',
  });
  return {
    ...base,
    lines: [
      ...described(before, dest),
      ...standings.flatMap(({ line }) => line),
      ...held.lines,
      `afterwards a row is deleted from MySQL only when ${sink} holds it too`,
      `add ${sink} to the purge's sinks at the same time: while it is active and not named there nothing is deleted`,
      ...others(grouped, sink, roster),
    ],
    problems: [...standings.flatMap((one) => one.problems), ...held.problems],
    digest: digestOf({
      ...seen,
      firstBucket: minId === null ? null : bucketOf(minId),
      held: held.seen,
    }),
  };
}

/** The destinations that the sink's commits name, and what keeps us from knowing the one. */
function destinations({ sink, ledger, found, grouped }: Promoting): {
  readonly dests: readonly string[];
  readonly problems: Problem[];
} {
  if (ledger.checkpoint === null) {
    const message = 'the ledger has no checkpoint: capture has never begun under this topic_prefix';
    return { dests: [], problems: [{ code: 'ledger-empty', message }] };
  }
  const committed = found.filter((one) => one.committed !== null);
  if (committed.length === 0) {
    const message = `no group of a sink ${sink} has ever committed: known are ${namesOf(grouped)}. Check its name, that it has been started, and topic_prefix; offsets that expired are gone as well`;
    return { dests: [], problems: [{ code: 'group-missing', message }] };
  }
  const dests = [...new Set(committed.flatMap((one) => metadataOf(one)?.dest ?? []))];
  if (dests.length > 1) {
    const message = `${sink} has landed in more than one destination: ${dests.join(' and ')}`;
    return { dests, problems: [{ code: 'destinations-differ', message }] };
  }
  if (dests.length === 1) return { dests, problems: [] };
  const message = `no commit of ${sink} says where it lands: they were reset, or are of another release`;
  return { dests, problems: [{ code: 'destination-unknown', message }] };
}

interface End {
  readonly topic: string;
  readonly partition: number;
  readonly end: bigint;
}

/** Where there are rows, in topics that are not retired. */
function ends({ checkpoint, retired }: LedgerState): End[] {
  return Object.entries(checkpoint?.topicEnds ?? {}).flatMap(([topic, all]) =>
    retired.has(topic)
      ? []
      : all.flatMap((end, partition) => (end > 0 ? [{ topic, partition, end: BigInt(end) }] : [])),
  );
}

/** Above every offset: where a sink began is asked of buckets, not of partitions. */
const NOWHERE = 1n << 63n;

function partitionStanding(
  { sink, found }: Promoting,
  { topic, partition, end }: End,
  dest: string,
): { readonly line: readonly string[]; readonly problems: readonly Problem[] } {
  const one = found.find((it) => it.topic === topic && it.partition === partition);
  const place = { sink, topic, partition };
  const expected = { dest, highest: undefined, auditedBelow: undefined };
  const why = whyNotLanded({ place, first: NOWHERE, end }, one, expected);
  const metadata = one && metadataOf(one);
  const aside = why?.code === 'quarantined' ? undefined : metadata?.quarantined;
  const problems = why?.kind === 'refuse' ? [problemOf(why)] : [];
  if (aside !== undefined) {
    const message = `sink ${sink}, ${topic}[${partition}]: ${aside.count} records are in quarantine, and nobody has released them`;
    problems.push({ code: 'quarantined', message });
  }
  const committed = one?.committed?.offset;
  if (committed === undefined || metadata === undefined) return { line: [], problems };
  const lag = committed < end ? end - committed : 0n;
  const waits = lag > 0n ? `: it is ${lag} behind, and the purge waits for it` : '';
  return {
    line: [`${topic}[${partition}]: landed from ${metadata.since} to ${committed}${waits}`],
    problems,
  };
}

function described(before: RosterSink | undefined, dest: string | null): string[] {
  const was = before === undefined ? 'in no roster' : before.state;
  const lines = [`it is ${was}, and lands in ${dest ?? 'no one destination'}`];
  if (before?.state === 'active') lines.push(`it was promoted for ${before.dest}`);
  return lines;
}

/** Sinks that nobody decided about: they keep records in the topic, and no row in MySQL. */
function others(grouped: readonly string[], sink: string, roster: LedgerState['roster']): string[] {
  const known = new Set([sink, ...roster.map(({ name }) => name)]);
  const unlisted = grouped.filter((name) => !known.has(name));
  return unlisted.length === 0
    ? []
    : [`in no roster, so that no row waits for them: ${namesOf(unlisted)}`];
}

function problemOf({ code, message }: Reason): Problem {
  return { code, message };
}
