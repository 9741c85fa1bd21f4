import type { Measured, Missing, Outcome, System, Work } from './measurement.ts';
import { summarize } from './summary.ts';

/** One system that can do a work. */
export interface Contender {
  readonly system: System;
  /** Gets ready, before the backlog is made; says why it cannot be had here, or null. */
  prepare(): Promise<string | null>;
  /** Drains the backlog once, from its beginning, and proves that every row arrived. */
  measure(round: number): Promise<Measured>;
}

export interface RoundsOptions {
  readonly work: Work;
  readonly rows: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Ours and the peers in turns, so that a noisy minute is shared. */
export async function inTurns(
  contenders: readonly Contender[],
  missing: readonly Missing[],
  { work, rows, rounds, say, signal }: RoundsOptions,
): Promise<Outcome[]> {
  const measured = new Map<System, Measured[]>(contenders.map(({ system }) => [system, []]));
  const failed: Missing[] = [];
  for (let round = 0; round <= rounds; round++) {
    // The servers are cold, whoever comes first: one turn of one system does not count.
    const warming = round === 0;
    for (const contender of warming ? contenders.slice(0, 1) : contenders) {
      const { system } = contender;
      const before = measured.get(system);
      if (before === undefined) continue;
      try {
        const one = await contender.measure(round);
        if (!warming) before.push(one);
        say(
          `${work} ${system} ${warming ? 'warming up' : `${round}/${rounds}`}: ${Math.round(one.rows / one.seconds).toLocaleString('en-US')} rows/s`,
        );
      } catch (error) {
        // A peer may fail without ending the run. What is ours may not.
        if (system === 'scoreline' || signal.aborted) throw error;
        measured.delete(system);
        const reason = error instanceof Error ? error.message : String(error);
        say(`${work} ${system} ${round}/${rounds} failed: ${reason}`);
        failed.push({ system, work, missing: `failed: ${reason.split('\n')[0]}` });
      }
    }
  }
  const results = [...measured].map(([system, all]) => summarize(system, work, rows, all));
  return [...results, ...failed, ...missing];
}
