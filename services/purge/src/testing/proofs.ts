import { type CommitMetadata, formatCommitMetadata, type FoundPartition } from '@scoreline/landing';
import type { Audit, RosterSink } from '@scoreline/ledger';

import { type Evidence, groupOf } from '../proof/evidence.ts';

export const DEST = 'table 4711';

export function activeSink(name: string, rest: Partial<RosterSink> = {}): RosterSink {
  return { name, state: 'active', dest: DEST, changes: [], ...rest };
}

interface Landed {
  readonly topic?: string;
  readonly partition?: number;
  readonly since?: bigint;
  readonly committed: bigint;
  readonly logStart?: bigint;
  readonly logEnd?: bigint;
  readonly metadata?: Partial<CommitMetadata>;
}

/** A partition as the brokers describe it after a sink has landed everything from `since` to `committed`. */
export function landed(
  sink: string,
  {
    topic = 'log_scores-v1',
    partition = 0,
    since = 0n,
    committed,
    logStart = 0n,
    logEnd = committed,
    metadata,
  }: Landed,
): FoundPartition {
  const text = formatCommitMetadata({ since, dest: DEST, pending: [], landed: null, ...metadata });
  return {
    topic,
    partition,
    group: groupOf(sink, topic),
    committed: { offset: committed, metadata: text },
    logStart,
    logEnd,
  };
}

export function evidenceOf(
  roster: readonly RosterSink[],
  groups: readonly FoundPartition[],
  highest: ReadonlyMap<string, bigint> = new Map(),
  audits: ReadonlyMap<string, readonly Audit[]> = new Map(),
): Evidence {
  return { roster, audits, groups, highest };
}
