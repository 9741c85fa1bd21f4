import { createHash } from 'node:crypto';

import type { Roster } from '@scoreline/ledger';
import { sinkGroupName } from '@scoreline/schema';

/** A consumer group of the topic, as the brokers know it. */
export interface TopicGroup {
  readonly group: string;
  /** By partition, -1 where it has committed none. */
  readonly committed: readonly number[];
  /** By partition: what it has committed beside the offset. */
  readonly metadata: readonly string[];
}

export interface Retiring {
  readonly ledgerUuid: string;
  readonly topic: string;
  /** To which the rows go now; null when no later version has any. */
  readonly successor: string | null;
  /** By partition, the offset after its last row. */
  readonly ends: readonly number[];
  readonly groups: readonly TopicGroup[];
  /** Groups that have landed of the successor. */
  readonly following: ReadonlySet<string>;
  /** Sinks as the ledger records them. */
  readonly roster: Roster;
}

export interface RetirementPlan {
  /** What was seen, for a person. */
  readonly lines: readonly string[];
  /** Why not, in words; empty when the topic may be retired. */
  readonly problems: readonly string[];
  /** Of all that the plan rests on. */
  readonly digest: string;
}

const SINK = 'sink-';
/** Of a commit's metadata: 3 is of a group that began beside rows of others, and has its own like any. */
const VERSIONS: ReadonlySet<unknown> = new Set([1, 2, 3]);

/**
 * Whether a topic may be retired: no row goes there any more, and whoever reads it has every row of it. A
 * group of which nothing is known, or that has something still to be decided, is no proof. Neither is the
 * lack of one, where the roster has a sink; and a sink that is retired itself need not have anything.
 */
export function planRetirement(retiring: Retiring): RetirementPlan {
  const { ledgerUuid, topic, successor, ends, groups, roster } = retiring;
  const problems: string[] = [];
  if (successor === null) {
    problems.push(`no later version has rows: capture may still publish to ${topic}`);
  }
  if (groups.length === 0) problems.push(`no consumer group has ever read ${topic}`);
  for (const group of groups) {
    if (!isOfRetired(group, retiring)) problems.push(...groupProblems(group, retiring));
  }
  for (const { name, state } of roster) {
    if (state !== 'retired') problems.push(...sinkProblems(name, retiring));
  }
  const seen = {
    ledgerUuid,
    topic,
    successor,
    ends,
    groups: groups.map(({ group, committed }) => [group, committed]),
    roster: roster.map(({ name, state }) => [name, state]),
  };
  const digest = createHash('sha256').update(JSON.stringify(seen)).digest('hex').slice(0, 16);
  return { lines: [...described(retiring)], problems, digest };
}

function groupProblems(
  { group, committed, metadata }: TopicGroup,
  { topic, successor, ends, following, roster }: Retiring,
): string[] {
  const problems: string[] = [];
  for (const [partition, end] of ends.entries()) {
    const where = `${group}: ${topic}[${partition}]`;
    const offset = committed[partition] ?? -1;
    if (offset < 0 && end > 0) problems.push(`${where} has rows, and the group no offset`);
    else if (offset >= 0 && offset < end) problems.push(`${where} has a lag of ${end - offset}`);
    const mark = offset < 0 ? null : markOf(group, metadata[partition] ?? '');
    if (mark !== null) problems.push(`${where}: ${mark}`);
  }
  // Of a sink of the roster it is asked once, whether or not it has this group.
  const isListed = roster.some(({ name }) => group === sinkGroupName(name, topic));
  if (successor === null || isListed || !isSink(group, topic)) return problems;
  const next = group.replace(topic, successor);
  if (!following.has(next))
    problems.push(`${group}: there is no ${next}, which lands ${successor}`);
  return problems;
}

/** A sink of the roster that has no group of the topic has never landed a row of it. */
function sinkProblems(
  name: string,
  { topic, successor, groups, following }: Retiring,
): readonly string[] {
  const own = sinkGroupName(name, topic);
  if (!groups.some(({ group }) => group === own)) {
    return [`${own}: the roster has the sink ${name}, and ${topic} no such group`];
  }
  if (successor === null || following.has(sinkGroupName(name, successor))) return [];
  return [`${own}: there is no ${sinkGroupName(name, successor)}, which lands ${successor}`];
}

function isOfRetired({ group }: TopicGroup, { topic, roster }: Retiring): boolean {
  return roster.some(
    ({ name, state }) => state === 'retired' && group === sinkGroupName(name, topic),
  );
}

/** Whether a group is called as a sink's that lands the topic. */
export function isSink(group: string, topic: string): boolean {
  return group.startsWith(SINK) && group.endsWith(`.${topic}`);
}

/** What a sink has said of a partition that has not come to its end, in words. */
function markOf(group: string, metadata: string): string | null {
  if (!group.startsWith(SINK)) return null;
  if (metadata === '') return 'its commit carries no metadata, so somebody else has made it';
  let said: Readonly<Record<string, unknown>>;
  try {
    said = JSON.parse(metadata) as Readonly<Record<string, unknown>>;
  } catch {
    return 'its metadata is not understood';
  }
  const { v, pending, quarantined } = said;
  if (!VERSIONS.has(v) || !Array.isArray(pending)) return 'its metadata is not understood';
  if (pending.length > 0) return 'a range is pending, which may not have landed';
  if (quarantined !== undefined) return 'records are in quarantine, and nobody has released them';
  return null;
}

function* described(retiring: Retiring): Generator<string> {
  const { topic, successor, ends, groups, ledgerUuid } = retiring;
  yield `ledger ${ledgerUuid}`;
  yield `${topic}: rows end at ${ends.join(' ')}, and go on in ${successor ?? 'no other topic'}`;
  for (const one of groups) {
    const { group, committed } = one;
    const lag = ends.reduce(
      (sum, end, at) => sum + Math.max(0, end - Math.max(0, committed[at] ?? 0)),
      0,
    );
    const offsets = ends
      .map((_, at) => ((committed[at] ?? -1) < 0 ? '-' : committed[at]))
      .join(' ');
    const retired = isOfRetired(one, retiring) ? ', of a sink that is retired' : '';
    yield `${group}: committed ${offsets}, lag ${lag}${retired}`;
  }
}
