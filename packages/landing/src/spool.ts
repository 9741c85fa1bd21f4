import { readdir, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { ConfigError, type Logger, type Part, PermanentError } from '@scoreline/service';

import { SPOOL_NAME, SpoolFile } from './spool-file.ts';
import { type Holder, type Room, roomFor } from './spool-room.ts';

/** A file of the spool, as the ranges in it use it. */
export type Scratch = Pick<SpoolFile, 'bytes' | 'append' | 'read' | 'damaged' | 'close'>;

export interface SpoolOptions {
  readonly folder: string;
  readonly budgetBytes: number;
  readonly log: Logger;
  readonly open?: (folder: string) => Promise<Scratch>;
  readonly now?: () => number;
}

/** A full disk is asked again after this long, or when something of ours has gone from it. */
const ASK_AGAIN_MS = 1000;
/** Nobody has wanted to write for so long: whether the disk is still full is not known. */
const TROUBLE_MS = 30_000;

/**
 * The folder in which ranges wait that may be larger than memory, and what they may take there, all
 * partitions together. A disk that is full stops nothing: consuming pauses until there is space.
 */
export class Spool implements Part {
  readonly name = 'spool';
  readonly folder: string;
  readonly budgetBytes: number;
  readonly #log: Logger;
  readonly #open: (folder: string) => Promise<Scratch>;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #usedBytes = 0;
  #refused: { readonly why: string; readonly sinceMs: number; atMs: number } | null = null;
  #askAgain = true;

  constructor({ folder, budgetBytes, log, open, now }: SpoolOptions) {
    this.folder = folder;
    this.budgetBytes = budgetBytes;
    this.#log = log;
    this.#open = open ?? ((where) => SpoolFile.open(where));
    this.#now = now ?? (() => performance.now());
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Whether the disk has refused to take more. */
  get isFull(): boolean {
    return this.#refused !== null && this.#now() - this.#refused.atMs < TROUBLE_MS;
  }

  async start(): Promise<void> {
    try {
      await this.#removeLeftovers();
      await (await SpoolFile.open(this.folder)).close();
      const { bavail, bsize } = await statfs(this.folder);
      const free = bavail * bsize;
      if (free < this.budgetBytes) {
        this.#log.warn(
          { spoolDir: this.folder, freeBytes: free, spoolBytes: this.budgetBytes },
          'spool_bytes is more than the disk has left: consuming will pause when that is full',
        );
      }
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ConfigError(`spool_dir: cannot make files in ${this.folder}: ${why}`, {
        code: 'spool-dir',
        remedy: 'The folder must exist, and the service must be allowed to write into it.',
        cause,
      });
    }
  }

  async stop(): Promise<void> {}

  notReady(): string | null {
    if (this.#refused === null || !this.isFull) return null;
    const { why, sinceMs } = this.#refused;
    const seconds = Math.round((this.#now() - sinceMs) / 1000);
    return `${this.folder} has been full for ${seconds} s, and consuming waits for space: ${why}`;
  }

  status(): unknown {
    const { folder, budgetBytes, usedBytes, isFull } = this;
    return { folder, budgetBytes, usedBytes, isFull };
  }

  /** What `asker` does now that wants to write. */
  room<H extends Holder>(asker: H, holders: Iterable<H>, wantedBytes: number): Room<H> {
    const { budgetBytes, usedBytes } = this;
    const waited = this.#refused === null || this.#now() - this.#refused.atMs >= ASK_AGAIN_MS;
    const isDiskFull = !waited && !this.#askAgain;
    return roomFor(asker, holders, { budgetBytes, usedBytes, wantedBytes, isDiskFull });
  }

  /** Resolves when something has gone from the spool. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#listeners.add(resolve));
  }

  /** Adds a block to the file, or makes one. Null: the disk is full. */
  async append(file: Scratch | null, parts: readonly Uint8Array[]): Promise<Scratch | null> {
    let opened: Scratch | null = null;
    try {
      const into = file ?? (opened = await this.#open(this.folder));
      const before = into.bytes;
      await into.append(parts);
      this.#usedBytes += into.bytes - before;
      this.#refused = null;
      return into;
    } catch (error) {
      await opened?.close();
      this.#refuse(error);
      return null;
    }
  }

  /** The file is not needed any more. */
  async release(file: Scratch): Promise<void> {
    await file.close();
    this.#usedBytes -= file.bytes;
    this.#askAgain = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  #refuse(error: unknown): void {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw failed(this.folder, error);
    const nowMs = this.#now();
    if (!this.isFull) {
      this.#log.warn({ err: error, spoolDir: this.folder }, 'the disk is full; consuming pauses');
    }
    const sinceMs = this.isFull ? (this.#refused?.sinceMs ?? nowMs) : nowMs;
    this.#refused = { why: message, sinceMs, atMs: nowMs };
    this.#askAgain = false;
  }

  /** Of a process that died in the moment in which a file has a name. They are empty. */
  async #removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (!SPOOL_NAME.test(name)) continue;
      await unlink(join(this.folder, name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT' && error.code !== 'EPERM') throw error;
      });
    }
  }
}

function failed(folder: string, cause: unknown): PermanentError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new PermanentError(`the spool in ${folder} cannot be written: ${why}`, {
    code: 'spool-failed',
    remedy:
      'Nothing is lost: the next start fetches again what had not landed. Check the disk and the limit of open files.',
    cause,
  });
}
