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

/**
 * Whether the destination holds rows of this topic, as far as can be known: a version that begins lands
 * beside the rows of the one before, and its group has no offsets yet.
 *
 * Where the destination can tell topics apart, it says so. Otherwise its rows are another topic's when
 * that one's group has landed in this very destination, nothing was ever landed by this one, and all of
 * this topic is still there to be landed. Offsets that expire do so for both groups, which are of one
 * process: then nothing is proven, and the sink stops.
 */
export async function holdsRowsOf(
  admin: Admin,
  found: readonly FoundPartition[],
  { topic, destination, others }: HoldingOptions,
): Promise<boolean> {
  const { holdsRows, topics, fingerprint } = destination;
  if (topics !== undefined) return topics.includes(topic);
  if (!holdsRows || found.every(({ committed }) => committed !== null)) return holdsRows;
  if (!found.every(isUntouched)) return true;
  const there = new Set(await admin.listTopics());
  for (const other of others) {
    if (!there.has(other.topic)) continue;
    if (hasLandedIn(fingerprint, await readGroup(admin, other))) return false;
  }
  return true;
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
