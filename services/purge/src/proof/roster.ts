import type { Reason } from './reason.ts';

/**
 * What has become of a sink: one that is `testing` lands beside the others and proves nothing, an `active`
 * one must hold a row before it is deleted, a `retired` one need not hold it any more.
 */
export type SinkState = 'testing' | 'active' | 'retired';

/**
 * A clean comparison of the ledger with a destination, over buckets that the sink has not landed from
 * their beginning: it stands in for what the group has not read.
 */
export interface Audit {
  /** Numbers of the first and the last bucket that were compared. */
  readonly from: number;
  readonly to: number;
  /** Fingerprint of the destination that was compared. */
  readonly dest: string;
  /** Where the group's unbroken run began then, by topic and partition: what came later it has landed itself. */
  readonly since: Readonly<Record<string, readonly string[]>>;
}

/** One sink as the ledger records it. */
export interface RosterSink {
  readonly name: string;
  readonly state: SinkState;
  /** Fingerprint of the destination that was promoted; null before. */
  readonly dest: string | null;
  readonly audits: readonly Audit[];
}

export type Roster = readonly RosterSink[];

/**
 * What keeps a configuration from being the one that the roster was made for: it must name every sink that
 * is active, and none that the roster does not know. So neither a name left out nor one misspelt frees a row.
 */
export function disagreements(configured: readonly string[], roster: Roster): Reason[] {
  const reasons: Reason[] = [];
  const refuse = (code: string, sink: string, message: string) =>
    reasons.push({ kind: 'refuse', code, message, at: { sink } });
  for (const { name, state } of roster) {
    if (state === 'active' && !configured.includes(name)) {
      refuse('sink-omitted', name, `sinks does not name ${name}, which is active`);
    }
    if (state === 'retired' && configured.includes(name)) {
      refuse('sink-retired', name, `sinks names ${name}, which was retired`);
    }
  }
  for (const name of configured) {
    if (roster.every((sink) => sink.name !== name)) {
      refuse('sink-unknown', name, `sinks names ${name}, which was never promoted`);
    }
  }
  return reasons;
}
