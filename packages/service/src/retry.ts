import { setTimeout as delay } from 'node:timers/promises';

import { ScorelineError } from './errors.ts';
import type { Logger } from './log.ts';

export interface RetryOptions {
  /** Interrupts a wait between attempts; an attempt in progress is its own business. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** What is attempted, in words that complete "... failed": `connecting to the source`. */
  readonly what: string;
  readonly minDelayMs?: number;
  readonly maxDelayMs?: number;
  /** Whether an error that is not ours may pass by itself. Ours say so themselves. */
  readonly classify?: (error: unknown) => boolean;
  /** Called at each failure that is retried: the place for a metric. */
  readonly onFailure?: (error: unknown, attempt: number) => void;
  readonly clock?: RetryClock;
}

export interface RetryClock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** From 0 to below 1. */
  random(): number;
}

/** A long outage is told at its beginning, then this often, and at its end. */
const REMIND_MS = 60_000;

/**
 * Calls `fn` until it succeeds, for ever, as long as its error asks for it: an outage ends without
 * anybody's help. The delay doubles up to the maximum; half of it is random, so that processes that
 * failed together do not come back together.
 *
 * @throws the first error that is not to be retried; the signal's reason when that is aborted.
 */
export async function retry<T>(
  fn: (attempt: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { signal, log, what, minDelayMs = 200, maxDelayMs = 30_000, clock = systemClock } = options;
  const began = clock.now();
  let toldAt = Number.NEGATIVE_INFINITY;
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      const result = await fn(attempt);
      if (attempt > 1)
        log.info({ attempts: attempt, ms: clock.now() - began }, `${what} works again`);
      return result;
    } catch (error) {
      if (signal.aborted || !shouldRetry(error, options)) throw error;
      options.onFailure?.(error, attempt);
      const ceiling = Math.min(minDelayMs * 2 ** (attempt - 1), maxDelayMs);
      const delayMs = Math.round(ceiling * (0.5 + clock.random() / 2));
      if (clock.now() - toldAt >= REMIND_MS) {
        toldAt = clock.now();
        log.warn({ err: error, attempt, retryInMs: delayMs }, `${what} failed; trying again`);
      }
      await clock.sleep(delayMs, signal);
    }
  }
}

function shouldRetry(error: unknown, { classify }: RetryOptions): boolean {
  if (error instanceof ScorelineError) return error.action === 'retry';
  return classify?.(error) ?? false;
}

const systemClock: RetryClock = {
  now: () => performance.now(),
  random: () => Math.random(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, { signal });
    } catch {
      signal.throwIfAborted();
    }
  },
};
