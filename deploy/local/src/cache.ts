import {
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { isAlive, startTime } from './processes.ts';
import type { Say } from './server.ts';

const PROGRESS_MS = 10_000;

/** Downloads outlive clones: `$XDG_CACHE_HOME/scoreline`, by default `~/.cache/scoreline`. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'scoreline');
}

/**
 * A folder of the cache, filled by `fill` when it is not there. It appears under its name only when it
 * is whole, so an interrupted install is begun again, and two processes do not fill it at once.
 */
export async function cached(
  name: string,
  say: Say,
  fill: (folder: string) => Promise<void>,
  root = cacheFolder(),
): Promise<string> {
  const target = join(root, name);
  if (await exists(target)) return target;
  await mkdir(root, { recursive: true });
  const unlock = await lock(`${target}.lock`, say);
  try {
    if (await exists(target)) return target;
    const started = Date.now();
    say(`installing ${name}`);
    await sweep(root, name);
    const temporary = await mkdtemp(`${target}.partial-${process.pid}-`);
    const ticker = setInterval(() => {
      say(`  still installing ${name}, ${Math.round((Date.now() - started) / 1000)} s so far`);
    }, PROGRESS_MS);
    try {
      await fill(temporary);
      await rename(temporary, target);
    } finally {
      clearInterval(ticker);
      await rm(temporary, { recursive: true, force: true });
    }
    say(`installed ${name} in ${Math.round((Date.now() - started) / 1000)} s`);
    return target;
  } finally {
    await unlock();
  }
}

/** Whether `cached` would find the folder filled. */
export function isCached(name: string, root = cacheFolder()): Promise<boolean> {
  return exists(join(root, name));
}

/** What installs that were killed have left: hundreds of megabytes that nobody would ever use. */
async function sweep(root: string, name: string): Promise<void> {
  const prefix = `${name}.partial-`;
  for (const entry of await readdir(root)) {
    if (!entry.startsWith(prefix)) continue;
    const pid = Number.parseInt(entry.slice(prefix.length), 10);
    if (!isAlive(pid)) await rm(join(root, entry), { recursive: true, force: true });
  }
}

/** A lock file that names its owner; that of a process which is gone is taken over. */
async function lock(file: string, say: Say): Promise<() => Promise<void>> {
  for (let told = false; ;) {
    try {
      const handle = await open(file, 'wx');
      await handle.writeFile(`${process.pid} ${startTime(process.pid) ?? ''}`);
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const [owner, started] = (await readFile(file, 'utf8').catch(() => '')).split(' ');
    // Pids are used again: the start time tells the owner from a later process of its number.
    const abandoned = owner ? startTime(Number(owner)) !== started : await olderThan(file, 10_000);
    if (abandoned) await rm(file, { force: true });
    else {
      if (!told) say(`waiting for process ${owner}, which installs the same (${file})`);
      told = true;
      await delay(300);
    }
  }
}

async function olderThan(file: string, ms: number): Promise<boolean> {
  const facts = await stat(file).catch(() => null);
  return facts !== null && Date.now() - facts.mtimeMs > ms;
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

export async function writeIn(folder: string, name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}
