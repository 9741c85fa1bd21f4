import type { Roster } from '@scoreline/ledger';

import type { Reason } from '../proof/reason.ts';
import { disagreements } from '../proof/roster.ts';
import { digestOf, standing } from '../roster/plan.ts';
import { decideTrim, type Trimmable, type TrimDecision } from './trim-rule.ts';

/** Everything that a trimming rests on, read at one time. */
export interface TrimEvidence {
  /** Null when capture has never begun. */
  readonly ledgerUuid: string | null;
  readonly roster: Roster;
  readonly partitions: readonly Trimmable[];
}

export interface TrimPlan {
  readonly decisions: readonly TrimDecision[];
  /** Why nothing may go from any partition. */
  readonly problems: readonly Reason[];
  /** For a person. */
  readonly lines: readonly string[];
  /**
   * Of who is waited for, and what is refused. Not of offsets: by the time that it is applied more may have
   * landed, which is proven again then.
   */
  readonly digest: string;
}

/** @param sinks those that the operator has configured; undefined when none are. */
export function planTrim(evidence: TrimEvidence, sinks: readonly string[] | undefined): TrimPlan {
  const { ledgerUuid, roster, partitions } = evidence;
  const problems = [
    ...(sinks === undefined ? [withoutSinks()] : disagreements(sinks, roster)),
    ...(ledgerUuid === null ? [withoutLedger()] : []),
  ];
  const decisions = problems.length > 0 ? [] : partitions.map(decideTrim);
  const holders = partitions.map(({ topic, partition, holders }) => [
    topic,
    partition,
    holders.map(({ sink, state, dest }) => [sink, state, dest]),
  ]);
  const refused = decisions.flatMap(({ topic, partition, reasons }) =>
    reasons
      .filter(({ kind }) => kind === 'refuse')
      .map(({ code, at }) => [topic, partition, code, at?.sink ?? null]),
  );
  return {
    decisions,
    problems,
    lines: decisions.flatMap((decision) => [...described(decision)]),
    digest: digestOf({ ledgerUuid, roster: standing(roster), holders, refused }),
  };
}

/** How many offsets go; markers of transactions have offsets too. */
export function offsetsOf({ below, logStart }: TrimDecision): bigint {
  return below - logStart;
}

function* described(decision: TrimDecision): Generator<string> {
  const { topic, partition, logStart, below, reasons } = decision;
  const offsets = offsetsOf(decision);
  yield offsets === 0n
    ? `${topic}[${partition}]: nothing goes, it begins at ${logStart}`
    : `${topic}[${partition}]: ${offsets} offsets go, from ${logStart} to before ${below}`;
  for (const { kind, code, message } of reasons) {
    yield `  ${kind === 'refuse' ? 'REFUSED' : 'waits'} (${code}): ${message}`;
  }
}

function withoutSinks(): Reason {
  return {
    kind: 'refuse',
    code: 'sinks-unset',
    message: 'sinks is not set: it must name every sink whose rows are needed',
  };
}

function withoutLedger(): Reason {
  return {
    kind: 'refuse',
    code: 'ledger-empty',
    message: 'the ledger has no checkpoint: capture has never begun under this topic_prefix',
  };
}
