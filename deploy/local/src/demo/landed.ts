import type { Gauges } from './gauges.ts';
import { pause } from './watch.ts';

const LOOK_MS = 200;
/** When nothing has moved for so long, nothing will: the comparison then shows what is missing. */
const STALLED_MS = 30_000;

/** Resolves with true when so many rows have landed and the group's lag is 0; false when all stands still. */
export async function allLanded(
  gauges: Gauges,
  rows: number,
  signal: AbortSignal,
): Promise<boolean> {
  let seen = '';
  let movedAt = performance.now();
  while (performance.now() - movedAt < STALLED_MS && !signal.aborted) {
    const [topic, landed] = [await gauges.topic(), await gauges.landed()];
    if (landed >= rows && topic?.lag === 0) return true;
    const now = `${topic?.end} ${topic?.lag} ${landed}`;
    if (now !== seen) [seen, movedAt] = [now, performance.now()];
    await pause(LOOK_MS, signal);
  }
  return false;
}
