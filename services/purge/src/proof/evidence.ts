import type { FoundPartition } from '@scoreline/landing';
import type { Audit, Roster } from '@scoreline/ledger';

/** Everything that a decision is made of, read at one time. What is missing in it blocks. */
export interface Evidence {
  readonly roster: Roster;
  /** Clean audits by sink: over buckets that a sink has not landed from their beginning they stand in for what it has not read. */
  readonly audits: ReadonlyMap<string, readonly Audit[]>;
  /** Of each sink's group of each topic, every partition as the brokers describe it. */
  readonly groups: readonly FoundPartition[];
  /**
   * The highest offset that each group was seen to have committed, by `seenKey`: one that is below it was moved
   * back, and lands again what it had landed.
   */
  readonly highest: ReadonlyMap<string, bigint>;
}

export { groupOf } from '@scoreline/landing';

/** Of one partition, as a sink lands it in one destination: in another one it begins at the beginning. */
export function seenKey(
  { group, topic, partition }: Pick<FoundPartition, 'group' | 'topic' | 'partition'>,
  dest: string,
): string {
  return `${group}/${topic}/${partition}/${dest}`;
}
