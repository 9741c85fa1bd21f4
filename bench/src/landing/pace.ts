/** Questions cost the server time, too: they are as far apart as a hundredth of what has passed. */
const LEAST_WAIT_MS = 40;
const MOST_WAIT_MS = 500;

/** What has not landed by then will not. */
export const TIMEOUT_MS = 600_000;

/** How long to wait before asking again, when so much time has passed. */
export function mayAskAfterMs(passedMs: number): number {
  return Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, passedMs / 100));
}
