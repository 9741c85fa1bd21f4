import { setTimeout as delay } from 'node:timers/promises';

/**
 * Long enough for a machine that is three times as slow and has other things to do. What damaged code never
 * does is waited for in vain, and so not as long.
 */
const PATIENCE_MS = process.env['SCORELINE_MUTANT'] === undefined ? 60_000 : 30_000;

export interface UntilOptions {
  /** What is waited for; the error names it. */
  readonly what?: string;
  readonly timeoutMs?: number;
  readonly everyMs?: number;
}

/** Waits for a fact, not for time: resolves with the first truthy answer. */
export async function until<T>(
  check: () => T | Promise<T>,
  { what = 'the condition', timeoutMs = PATIENCE_MS, everyMs = 50 }: UntilOptions = {},
): Promise<NonNullable<T>> {
  const giveUpAt = Date.now() + timeoutMs;
  for (;;) {
    const answer = await check();
    if (answer) return answer;
    if (Date.now() > giveUpAt) throw new Error(`${what} did not come within ${timeoutMs} ms`);
    await delay(everyMs);
  }
}
