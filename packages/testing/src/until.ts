import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** What is waited for; the error names it. */
  readonly what?: string;
  readonly timeoutMs?: number;
  readonly everyMs?: number;
}

/** Waits for a fact, not for time: resolves with the first truthy answer. */
export async function until<T>(
  check: () => T | Promise<T>,
  { what = 'the condition', timeoutMs = 30_000, everyMs = 50 }: UntilOptions = {},
): Promise<NonNullable<T>> {
  const giveUpAt = Date.now() + timeoutMs;
  for (;;) {
    const answer = await check();
    if (answer) return answer;
    if (Date.now() > giveUpAt) throw new Error(`${what} did not come within ${timeoutMs} ms`);
    await delay(everyMs);
  }
}
