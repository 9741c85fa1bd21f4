import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { isAlive } from '../processes.ts';
import { Stack } from '../stack.ts';

const PREFIX = 'test-';

/** The folder of a test run's stack, named after the process that ends it. */
export function runFolder(local: string): string {
  return join(local, `${PREFIX}${process.pid}`);
}

/** Ends the servers of runs that were killed before they could, and deletes their folders. */
export async function removeLeftovers(local: string): Promise<void> {
  for (const name of await readdir(local).catch(() => [])) {
    const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) : NaN;
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    await new Stack({ dir: join(local, name), only: [], say: () => {} }).destroy();
  }
}
