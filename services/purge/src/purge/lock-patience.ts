import { RetryableError } from '@scoreline/service';

import type { PurgerGround } from './purger.ts';

const PATIENCE_MS = 10_000;

/**
 * Gives up on locks that another one has, for whom a person waits.
 *
 * @throws RetryableError `locks-held`
 */
export function impatiently(locks: PurgerGround['locks'], patienceMs = PATIENCE_MS) {
  return async (signal: AbortSignal, waiting: (why: string) => void) => {
    const over = AbortSignal.timeout(patienceMs);
    let held = '';
    try {
      return await locks(AbortSignal.any([signal, over]), (why) => {
        held = why;
        waiting(why);
      });
    } catch (error) {
      if (signal.aborted || !over.aborted) throw error;
      throw new RetryableError(held === '' ? 'the locks could not be taken in time' : held, {
        code: 'locks-held',
        remedy: 'Stop the other purge, or the archiver, or let it finish.',
        cause: error,
      });
    }
  };
}
