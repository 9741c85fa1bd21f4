import type { Roster, RosterSink } from '@scoreline/ledger';

import type { Decision } from './plan.ts';

/** The roster with one step of a sink's life more: one that it does not know is new in it. */
export function withChange(
  roster: Roster,
  { name, state, dest }: Pick<RosterSink, 'name' | 'state' | 'dest'>,
  { atMs, by, why }: Decision,
): Roster {
  const before = roster.find((sink) => sink.name === name);
  const changes = [...(before?.changes ?? []), { state, atMs, by, why }];
  const sink: RosterSink = { name, state, dest, changes };
  if (before === undefined) return [...roster, sink];
  return roster.map((one) => (one.name === name ? sink : one));
}
