import { DEATHS } from './deaths.ts';
import type { Fault } from './fault.ts';
import { LOST_ANSWERS } from './lost-answers.ts';
import { SOURCE_FAULTS } from './source-faults.ts';

/** Every fault of the suite, with what it must come to. */
export const ALL_FAULTS: readonly Pick<Fault, 'name' | 'outcome'>[] = [
  ...SOURCE_FAULTS,
  ...[...DEATHS, ...LOST_ANSWERS].map(({ damage: { name } }) => ({
    name,
    outcome: 'goes on' as const,
  })),
];
