import type { LedgerState } from '@scoreline/ledger';

import { type CommitMetadata, parseCommitMetadata } from '../commit-metadata.ts';
import type { FoundPartition } from '../resume.ts';

/** What a sink's group has committed in one partition. */
export interface GroupCommit {
  readonly offset: bigint;
  readonly metadata: CommitMetadata;
}

/** The commits of a sink's groups in the destination at hand, by topic and partition. Null where there is none. */
export type GroupCommits = ReadonlyMap<string, readonly (GroupCommit | null)[]>;

/**
 * Only commits that the sink itself has made, and of this destination, say what it holds.
 *
 * @throws PermanentError `commit-metadata-unknown`
 */
export function commitsIn(dest: string, found: readonly FoundPartition[]): GroupCommits {
  const commits = new Map<string, (GroupCommit | null)[]>();
  for (const { topic, partition, group, committed } of found) {
    let partitions = commits.get(topic);
    if (partitions === undefined) commits.set(topic, (partitions = []));
    while (partitions.length <= partition) partitions.push(null);
    if (!committed?.metadata) continue;
    const where = `${topic}[${partition}] of group ${group}`;
    const metadata = parseCommitMetadata(committed.metadata, where);
    if (metadata.dest !== dest) continue;
    partitions[partition] = { offset: committed.offset, metadata };
  }
  return commits;
}

/**
 * Where each group's run began, as an audit records it: a row below was in the ledger that is compared, and
 * what comes later the group lands itself. The commits must have been read before that ledger.
 *
 * An offset that an operator has set may lie above rows that no ledger has yet, in a transaction that was
 * open then. Of those nothing is known until the group has gone on from it: there is no run so far.
 */
export function sinceOf(
  commits: GroupCommits,
  { checkpoint, retired }: Pick<LedgerState, 'checkpoint' | 'retired'>,
): Readonly<Record<string, readonly number[]>> {
  const since: Record<string, readonly number[]> = {};
  for (const [topic, partitions] of commits) {
    const ends = checkpoint?.topicEnds[topic] ?? [];
    since[topic] = partitions.map((commit, partition) => {
      if (commit === null) return -1;
      const began = Number(commit.metadata.since);
      const isKnown = began <= (ends[partition] ?? 0) || commit.metadata.since < commit.offset;
      return isKnown ? began : -1;
    });
  }
  // All of its rows are in the ledger, and no more will come.
  for (const { topic, ends } of retired.values()) since[topic] = ends;
  return since;
}

/** Up to which id the destination may have rows of others, from before the groups began; undefined when there were none. */
export function heldUpToOf(commits: GroupCommits): number | undefined {
  let highest: number | undefined;
  for (const commit of [...commits.values()].flat()) {
    const bound = commit?.metadata.heldUpTo;
    if (bound !== undefined) highest = Math.max(highest ?? bound, bound);
  }
  return highest;
}
