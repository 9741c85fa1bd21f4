import type { Comparison } from '@scoreline/local';

import { type Outcome, textOf } from './fault.ts';

export interface Told {
  readonly name: string;
  readonly outcome: Outcome;
  /** What showed that it happened. */
  readonly fired: string;
  /** Of the table and the topic. */
  readonly comparison: Comparison;
}

/** The line that every fault's test prints, for people. */
export function faultLine({ name, outcome, fired, comparison }: Told): string {
  const { missing, doubled } = comparison.differences['topic']!;
  // What comes behind the place where capture stopped is not lost: it is not out yet.
  const left = outcome === 'goes on' ? 'lost' : 'not out';
  return [
    name,
    textOf(outcome),
    fired,
    `${comparison.rows} rows`,
    `${missing.count} ${left}`,
    `${doubled.count} repeated`,
  ].join(' | ');
}
