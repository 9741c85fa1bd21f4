import type { Roster } from '@scoreline/ledger';

import type { Reason } from './reason.ts';

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
