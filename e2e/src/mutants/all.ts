import { DEATHS } from '../faults/deaths.ts';
import { LOST_ANSWERS } from '../faults/lost-answers.ts';
import type { Damage } from './damage.ts';
import { MUTANTS } from './mutants.ts';

/** Everything that a test does to built code, by distinct names. */
export const ALL: readonly Damage[] = [
  ...MUTANTS,
  ...[...DEATHS, ...LOST_ANSWERS].map(({ damage }) => damage),
];

/** Names are lines: a mutant's, and that of what its test does to a service. */
export function damagesNamed(names: string): readonly Damage[] {
  return names.split('\n').map(damageNamed);
}

function damageNamed(name: string): Damage {
  const found = ALL.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no mutant is called ${JSON.stringify(name)}`);
  return found;
}
