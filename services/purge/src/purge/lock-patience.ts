import { RetryableError } from '@scoreline/service';

import type { Reason } from '../proof/reason.ts';
import type { PurgerGround } from './purger.ts';

const PATIENCE_MS = 10_000;

/** The message says whose. */
const LOCKS_HELD = 'locks-held';

const UNTAKEN: Reason = {
  kind: 'wait',
  code: LOCKS_HELD,
  message: 'the locks could not be taken in time',
};

/** Who has a lock that is not to be had: another purge, or the archiver that this one takes over from. */
export function lockHeld(name: string, where: string): Reason {
  const isArchivers = name.startsWith('archiver-');
  return {
    kind: 'wait',
    code: LOCKS_HELD,
    message: `${isArchivers ? 'the archiver' : 'another purge'} runs: it holds the lock ${name} at ${where}`,
  };
}

/**
 * Gives up on locks that another one has, for whom a person waits.
 *
 * @throws RetryableError `locks-held`
 */
export function impatiently(locks: PurgerGround['locks'], patienceMs = PATIENCE_MS) {
  return async (signal: AbortSignal, waiting: (why: Reason) => void) => {
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), patienceMs);
    let held: Reason | undefined;
    try {
      return await locks(AbortSignal.any([signal, over.signal]), (why) => {
        held = why;
        waiting(why);
      });
    } catch (error) {
      if (signal.aborted || !over.signal.aborted) throw error;
      const { code, message } = held ?? UNTAKEN;
      throw new RetryableError(message, {
        code,
        remedy: 'Stop the other one, or let it finish.',
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
  };
}
