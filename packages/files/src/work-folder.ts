import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';

import type { Logger } from '@scoreline/service';

import { fileError } from './file-error.ts';
import type { FileSystem } from './file-system.ts';

export interface WorkFolderOptions {
  readonly files: FileSystem;
  readonly log: Logger;
}

/** Nobody makes files for that long. */
const FORGOTTEN_MS = 24 * 3_600_000;

/**
 * A folder of this process's own for files that are being made. Nothing in it is worth anything to
 * another process, and what the dead have left is removed at start: on this host by process id, from
 * other hosts (the folder may be shared) when it is a day old. If one is removed that was alive, its
 * range is made again.
 */
export class WorkFolder {
  readonly #base: string;
  readonly #path: string;
  readonly #options: WorkFolderOptions;
  #count = 0;

  constructor(base: string, options: WorkFolderOptions) {
    this.#base = base;
    this.#options = options;
    const name = `${hostname()}.${process.pid}.${randomBytes(4).toString('hex')}`;
    this.#path = path.join(base, name);
  }

  async start(): Promise<void> {
    const { files } = this.#options;
    try {
      await files.mkdir(this.#path, { recursive: true });
      for (const name of await files.readdir(this.#base)) {
        const folder = path.join(this.#base, name);
        if (folder === this.#path || !(await this.#isLeftover(name, folder))) continue;
        await this.#removeLeftover(folder);
      }
    } catch (error) {
      throw fileError(error, `preparing the working folder ${this.#base}`);
    }
  }

  /** A path at which nothing is; makes the folder again if somebody has cleaned up. */
  async newPath(name: string): Promise<string> {
    await this.#options.files.mkdir(this.#path, { recursive: true });
    return path.join(this.#path, `${++this.#count}-${name}`);
  }

  async stop(): Promise<void> {
    await this.#options.files.rm(this.#path, { recursive: true, force: true });
  }

  async #removeLeftover(folder: string): Promise<void> {
    const { files, log } = this.#options;
    try {
      await files.rm(folder, { recursive: true, force: true });
      log.info({ folder }, 'removed what a process that is gone has left');
    } catch (error) {
      // Another process that starts now may be removing it, and it is in nobody's way.
      log.warn({ err: error, folder }, 'cannot remove what a process that is gone has left');
    }
  }

  async #isLeftover(name: string, folder: string): Promise<boolean> {
    const match = /^(.+)\.(\d+)\.[0-9a-f]{8}$/.exec(name);
    if (match === null) return false;
    const [, host, pid] = match;
    const ageMs = Date.now() - (await this.#changedAtMs(folder));
    if (ageMs > FORGOTTEN_MS) return true;
    if (host !== hostname()) return false;
    // A container that is started again has the process id it had before.
    if (Number(pid) === process.pid) return ageMs > process.uptime() * 1000;
    return !isAlive(Number(pid));
  }

  /** Now, when another process has just removed it. */
  async #changedAtMs(folder: string): Promise<number> {
    try {
      return (await this.#options.files.stat(folder)).mtimeMs;
    } catch {
      return Date.now();
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
