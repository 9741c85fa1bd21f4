import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';

import { type FileSystem, writeAll } from '@scoreline/files';
import { ConfigError, PermanentError } from '@scoreline/service';

import { linkNew, sync, syncFolders } from './durable.ts';

const UNLINKABLE = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EXDEV']);

/**
 * A file with a UUID, made once, that tells this folder from another at the same path: an empty mount
 * point, a folder that was made anew.
 */
export class Marker {
  readonly #root: string;
  readonly #path: string;
  readonly #files: FileSystem;

  constructor(root: string, folder: string, files: FileSystem) {
    this.#root = root;
    this.#path = path.join(root, folder, 'destination');
    this.#files = files;
  }

  /** The UUID; makes one where there is none. Of several processes that do, one succeeds. */
  async ensure(): Promise<string> {
    const files = this.#files;
    const found = await this.#read();
    if (found !== null) return found;
    const draft = `${this.#path}.${randomBytes(4).toString('hex')}`;
    try {
      const handle = await files.open(draft, 'wx');
      try {
        await writeAll(handle, Buffer.from(`${randomUUID()}\n`), 0);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await this.#link(draft);
    } finally {
      await files.rm(draft, { force: true });
    }
    await syncFolders(files, this.#path, this.#root);
    await sync(files, this.#path);
    const made = await this.#read();
    if (made === null) throw new Error(`${this.#path} was made and is not there`);
    return made;
  }

  /** Before each file: a file system may be unmounted, or another mounted, at any time. */
  async check(expected: string): Promise<void> {
    const found = await this.#read();
    if (found === expected) return;
    throw new PermanentError(
      `${this.#root} is not the folder any more that it was at start: ${this.#path} has ${found ?? 'gone'} instead of ${expected}`,
      {
        code: 'destination-changed',
        remedy: 'Mount the file system again that it was, or see what was done to the folder.',
      },
    );
  }

  async #link(draft: string): Promise<void> {
    try {
      await linkNew(this.#files, draft, this.#path);
    } catch (cause) {
      const { code = '' } = cause as NodeJS.ErrnoException;
      if (!UNLINKABLE.has(code)) throw cause;
      throw new ConfigError(`avro_path: ${this.#root} does not take hard links (${code})`, {
        code: 'links-unsupported',
        remedy:
          'Files appear whole, and never in place of another, by being linked: use a file system that can.',
        cause,
      });
    }
  }

  async #read(): Promise<string | null> {
    try {
      const handle = await this.#files.open(this.#path, 'r');
      try {
        return (await handle.readFile('utf8')).trim();
      } finally {
        await handle.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }
}
