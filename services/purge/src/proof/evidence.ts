import type { FoundPartition } from '@scoreline/landing';
import type { Audit, Roster } from '@scoreline/ledger';

/** Everything that a decision is made of, read at one time. What is missing in it blocks. */
export interface Evidence {
  /** When reading it began, milliseconds since the epoch: it is as old as its oldest part. */
  readonly readAtMs: number;
  readonly roster: Roster;
  /** Clean audits by sink: over buckets that a sink has not landed from their beginning they stand in for what it has not read. */
  readonly audits: ReadonlyMap<string, readonly Audit[]>;
  /** Of each sink's group of each topic, every partition as the brokers describe it. */
  readonly groups: readonly FoundPartition[];
  /**
   * The highest offset that each group was ever seen to have committed, by `group/topic/partition`: one that
   * is below it was moved back, and lands again what it had landed.
   */
  readonly highest: ReadonlyMap<string, bigint>;
}

/** The consumer group that lands a topic in a sink. */
export function groupOf(sink: string, topic: string): string {
  return `sink-${sink}.${topic}`;
}

export function partitionKey(group: string, topic: string, partition: number): string {
  return `${group}/${topic}/${partition}`;
}
