import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { isAlive, startTime } from '../processes.ts';
import { type Say, SERVER_NAMES } from '../server.ts';
import type { Stack } from '../stack.ts';
import { Supervised } from '../supervised.ts';

/** Of processes that a killed demo left: they have nothing to save. */
const LEFTOVER_GRACE_MS = 2_000;

/** The part of the stack's folder that is the demo's own: a pid, and a folder for each service. */
export function demoFolder(stack: Stack): string {
  return join(stack.dir, 'demo');
}

/**
 * Makes the folder this demo's, and empty: what an earlier demo left running in it is ended, what it
 * left lying is deleted. A demo that still runs there, or a stack that no demo started, is not touched.
 */
export async function claim(stack: Stack, say: Say): Promise<void> {
  const folder = demoFolder(stack);
  const owner = await readOwner(folder);
  if (owner !== null && owner.runs) {
    throw new Error(`a demo runs in ${stack.dir} already (pid ${owner.pid}): end it first`);
  }
  const running = (
    await Promise.all(
      SERVER_NAMES.map(async (name) => ((await stack[name].attach()) ? [name] : [])),
    )
  ).flat();
  if (owner === null && running.length > 0) {
    throw new Error(
      `a stack runs in ${stack.dir} (${running.join(', ')}): end it with npm run stack -- down, or give the demo another folder with --dir`,
    );
  }
  if (running.length > 0) say(`ending what an earlier demo left running: ${running.join(', ')}`);
  await endServices(folder);
  await stack.down();
  for (const name of [...SERVER_NAMES, 'demo']) {
    await rm(join(stack.dir, name), { recursive: true, force: true });
  }
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'pid'), `${process.pid} ${startTime(process.pid) ?? ''}`);
}

/** The folder is nobody's any more; logs and data stay for a look, until the next demo. */
export async function release(stack: Stack): Promise<void> {
  await rm(join(demoFolder(stack), 'pid'), { force: true });
}

/** Ends every service that has its folder here, whoever started it. */
async function endServices(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  await Promise.all(
    names.map((name) => new Supervised(name, join(folder, name)).end('SIGTERM', LEFTOVER_GRACE_MS)),
  );
}

async function readOwner(folder: string): Promise<{ pid: number; runs: boolean } | null> {
  const text = await readFile(join(folder, 'pid'), 'utf8').catch(() => null);
  if (text === null) return null;
  const [pid = '', started = ''] = text.trim().split(' ');
  const runs = started !== '' && isAlive(Number(pid)) && startTime(Number(pid)) === started;
  return { pid: Number(pid), runs };
}
