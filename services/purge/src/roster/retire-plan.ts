import type { LedgerState } from '@scoreline/ledger';

import { type Decision, digestOf, namesOf, type Plan, type Problem, standing } from './plan.ts';
import { withChange } from './roster-change.ts';

export interface Retiring {
  readonly sink: string;
  readonly ledger: Pick<LedgerState, 'checkpoint' | 'roster'>;
  /** Sinks that have a group of a topic of rows. */
  readonly grouped: readonly string[];
  /** Groups of this sink. */
  readonly groups: readonly string[];
  readonly decision: Decision;
}

/**
 * Takes a sink from those that must hold a row before it is deleted. It asks nothing of the sink, which may be
 * gone: a row that only this sink holds is then held by nobody else, and that is for a person to know.
 */
export function planRetire({ sink, ledger, grouped, groups, decision }: Retiring): Plan {
  const { checkpoint, roster } = ledger;
  const before = roster.find(({ name }) => name === sink);
  const dest = before?.dest ?? null;
  const after = withChange(roster, { name: sink, state: 'retired', dest }, decision);
  const seen = { verb: 'retire', ledger: checkpoint?.ledgerUuid ?? null, sink };
  const plan = {
    isDone: before?.state === 'retired',
    digest: digestOf({ ...seen, roster: standing(roster) }),
    roster: after,
  };
  const problems: Problem[] = [];
  if (before === undefined && !grouped.includes(sink)) {
    const names = namesOf([...roster.map(({ name }) => name), ...grouped]);
    problems.push({
      code: 'sink-unknown',
      message: `there is no sink ${sink}: neither the roster nor the brokers know one; known are ${names}`,
    });
  }
  const lines = plan.isDone
    ? [`${sink} is retired already: ${lastChange(before!.changes.at(-1))}`]
    : [`${sink} is ${before?.state ?? 'in no roster'}`, ...whatFollows(after, sink, groups)];
  return { ...plan, lines, problems };
}

function* whatFollows(roster: Plan['roster'], sink: string, groups: readonly string[]) {
  const active = roster.filter(({ state }) => state === 'active').map(({ name }) => name);
  if (active.length === 0) {
    yield 'afterwards no sink is active: nothing is deleted from MySQL, or from the topic, until one is';
  } else {
    yield `afterwards a row is deleted from MySQL when ${namesOf(active)} ${active.length === 1 ? 'holds' : 'hold'} it, and ${sink} is not asked`;
  }
  yield `take ${sink} out of the purge's sinks at the same time: while it is named there nothing is deleted`;
  yield `records leave the topic without waiting for ${sink}: one that still runs is to be stopped first`;
  if (groups.length > 0) yield `its groups may be deleted then: ${groups.join(', ')}`;
}

export function lastChange(
  change: { readonly atMs: number; readonly by: string; readonly why: string } | undefined,
): string {
  if (change === undefined) return 'nobody knows by whom';
  return `${new Date(change.atMs).toISOString()} by ${change.by}: ${change.why}`;
}
