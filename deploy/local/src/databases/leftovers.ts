import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isAlive } from '../processes.ts';
import { Supervised } from '../supervised.ts';

const PREFIX = 'scoreline-databases-';

/** A folder that is named after the process that will delete it. */
export function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** Ends the servers of test files that were killed before they could, and deletes their folders. */
export async function removeLeftoverDatabases(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX) || isAlive(Number.parseInt(name.slice(PREFIX.length), 10)))
      continue;
    const folder = join(tmpdir(), name);
    if (!(await isOurs(folder))) continue;
    for (const server of await readdir(folder).catch(() => [])) {
      await new Supervised(server, join(folder, server)).end('SIGKILL');
    }
    await rm(folder, { recursive: true, force: true });
  }
}

/** Or another user's, or gone because somebody else has just removed it. */
async function isOurs(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => null);
  return found !== null && found.uid === process.getuid?.();
}
