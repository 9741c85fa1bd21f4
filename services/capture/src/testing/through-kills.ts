import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import type { Setup } from './setup.ts';

export interface ThroughKills {
  /** Rows of each insert, one insert after the other, again and again. */
  readonly inserts: readonly number[];
  readonly kills: number;
}

/** Writes while capture is killed with -9 again and again, each time a little later; one is left that runs. */
export async function throughKills(
  t: TestContext,
  { source, start }: Pick<Setup, 'source' | 'start'>,
  { inserts, kills }: ThroughKills,
): Promise<void> {
  const writer = await source.connect(t);
  const stop = new AbortController();
  const written = (async () => {
    while (!stop.signal.aborted) {
      for (const rows of inserts) await source.insert(rows, writer);
      await delay(250);
    }
  })();
  for (let kill = 0; kill < kills; kill++) {
    const capture = await start().ready();
    await delay(100 + 137 * kill);
    await capture.kill();
  }
  stop.abort();
  await written;
  await start().ready();
}
