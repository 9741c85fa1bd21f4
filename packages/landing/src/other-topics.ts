import type { Admin } from 'kafkajs';

import { parseCommitMetadata } from './commit-metadata.ts';
import { readGroup } from './group-offsets.ts';
import type { FoundPartition } from './resume.ts';
import type { Destination } from './sink.ts';

/** A topic that the same sink lands in the same destination, under another group. */
export interface OtherTopic {
  readonly topic: string;
  readonly group: string;
}

export interface HoldingOptions {
  readonly topic: string;
  readonly destination: Destination;
  readonly others: readonly OtherTopic[];
}

/** What a group without offsets has to know. */
export interface Beginning {
  /** The destination holds rows of this topic, as far as can be known. */
  readonly holdsRows: boolean;
  /** It holds rows of another version, and might hold some of this topic among them. */
  readonly besideVersion: boolean;
  /** Ids up to here were there before any group of ours began, as another version's group found. */
  readonly heldUpTo: number | undefined;
}

/**
 * How a group finds the destination: a version that begins lands beside the rows of the one before, and
 * has no offsets yet.
 *
 * Where the destination can tell topics apart, it says so. Otherwise its rows are another topic's when
 * that one's group has landed in this very destination, nothing was ever landed by this one, and all of
 * this topic is still there to be landed. Offsets that expire do so for both groups, which are of one
 * process: then nothing is proven, and the sink stops.
 */
export async function beginningOf(
  admin: Admin,
  found: readonly FoundPartition[],
  { topic, destination, others }: HoldingOptions,
): Promise<Beginning> {
  const { topics, fingerprint } = destination;
  const holdsRows = topics?.includes(topic) ?? destination.holdsRows;
  const begun = { holdsRows, besideVersion: false, heldUpTo: undefined };
  if (found.every(({ committed }) => committed !== null)) return begun;
  const groups = await readGroups(admin, others);
  const heldUpTo = heldBefore(fingerprint, groups.flat());
  if (!holdsRows || topics !== undefined) return { ...begun, heldUpTo };
  const isOthers =
    found.every(isUntouched) && groups.some((group) => hasLandedIn(fingerprint, group));
  return { holdsRows: !isOthers, besideVersion: isOthers, heldUpTo };
}

async function readGroups(
  admin: Admin,
  others: readonly OtherTopic[],
): Promise<FoundPartition[][]> {
  if (others.length === 0) return [];
  const there = new Set(await admin.listTopics());
  const groups: FoundPartition[][] = [];
  for (const other of others) {
    if (there.has(other.topic)) groups.push(await readGroup(admin, other));
  }
  return groups;
}

/** The highest bound that these commits carry for the destination. */
export function heldBefore(
  fingerprint: string,
  found: readonly FoundPartition[],
): number | undefined {
  let highest: number | undefined;
  for (const { topic, partition, group, committed } of found) {
    if (!committed?.metadata) continue;
    const where = `${topic}[${partition}] of group ${group}`;
    const { dest, heldUpTo } = parseCommitMetadata(committed.metadata, where);
    if (dest !== fingerprint || heldUpTo === undefined) continue;
    highest = Math.max(highest ?? heldUpTo, heldUpTo);
  }
  return highest;
}

/** Complete, and without any sign that something of it was landed before. */
export function isUntouched({
  topic,
  partition,
  group,
  committed,
  logStart,
}: FoundPartition): boolean {
  if (logStart !== 0n) return false;
  if (committed === null) return true;
  if (committed.offset !== 0n || !committed.metadata) return false;
  const where = `${topic}[${partition}] of group ${group}`;
  const { since, pending, landed, quarantined } = parseCommitMetadata(committed.metadata, where);
  return since === 0n && pending.length === 0 && landed === null && quarantined === undefined;
}

/** Whether every partition's commit is of this destination, and some rows of it are there. */
export function hasLandedIn(fingerprint: string, found: readonly FoundPartition[]): boolean {
  let hasLanded = false;
  for (const { topic, partition, group, committed } of found) {
    if (!committed?.metadata) return false;
    const where = `${topic}[${partition}] of group ${group}`;
    const { dest, landed } = parseCommitMetadata(committed.metadata, where);
    if (dest !== fingerprint) return false;
    hasLanded ||= landed !== null;
  }
  return hasLanded;
}
