import type { ServerName } from '@scoreline/local';

import type { Damage } from './damage.ts';

/** A defect that somebody could write, or a guard against a library taken away. */
export interface Mutant extends Damage {
  /** Rows of docs/8-pitfalls.md whose guard it takes away. */
  readonly pitfalls: readonly string[];
  /** The test file, below the repository, that must fail under it. */
  readonly shownBy: string;
  /** Title of the test in it, or enough of the title to tell it from others. */
  readonly test: string;
  /** What the test then says: not just any failure is the mutant's. */
  readonly failure: RegExp;
  /** What the test asks the local stack for. Tests of e2e start servers of their own beside it. */
  readonly needs: readonly ServerName[];
}

/** Whether its test needs no server at all, and so takes about a second. */
export function isFast({ needs, shownBy }: Mutant): boolean {
  return needs.length === 0 && !shownBy.startsWith('e2e/');
}
