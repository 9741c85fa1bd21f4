import type { Gauges } from './gauges.ts';
import { pause } from './watch.ts';

const LOOK_MS = 200;
/** When nothing has moved for so long, nothing will: the comparison then shows what is missing. */
const STALLED_MS = 30_000;
/** Without a destination whose rows can be counted, capture may still be on its way to the topic. */
const QUIET_MS = 5_000;

/** Resolves with true when so many rows have landed and every group's lag is 0; false when all stands still. */
export async function allLanded(
  gauges: Pick<Gauges, 'topic' | 'landed'>,
  rows: number,
  signal: AbortSignal,
): Promise<boolean> {
  let seen = '';
  let movedAt = performance.now();
  while (performance.now() - movedAt < STALLED_MS && !signal.aborted) {
    const [topic, landed] = [await gauges.topic(), await gauges.landed()];
    const { end = 0, lags = {} } = topic ?? {};
    const isThrough = end >= rows && Object.values(lags).every((lag) => lag === 0);
    const now = JSON.stringify([end, lags, landed]);
    if (now !== seen) [seen, movedAt] = [now, performance.now()];
    const isThere = landed === null ? performance.now() - movedAt > QUIET_MS : landed >= rows;
    if (isThrough && isThere) return true;
    await pause(LOOK_MS, signal);
  }
  return false;
}
