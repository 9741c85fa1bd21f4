import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import { PermanentError } from '@scoreline/service';

import { writeParts } from './write-parts.ts';

/** What a spool file is called for the moment in which it has a name. */
export const SPOOL_NAME = /^scoreline-[0-9a-f-]{36}\.spool$/;

/**
 * Scratch space. Its name is taken away as soon as it is open, so whatever ends the process, a kill
 * too, the system frees the space, and no process can remove what is another's. Never synced: after a
 * crash the records are fetched again.
 */
export class SpoolFile {
  readonly #handle: FileHandle;
  readonly #folder: string;
  #bytes = 0;

  private constructor(handle: FileHandle, folder: string) {
    this.#handle = handle;
    this.#folder = folder;
  }

  static async open(folder: string): Promise<SpoolFile> {
    const path = join(folder, `scoreline-${randomUUID()}.spool`);
    const { O_RDWR, O_CREAT, O_EXCL } = constants;
    const handle = await open(path, O_RDWR | O_CREAT | O_EXCL, 0o600);
    try {
      await unlink(path);
    } catch (error) {
      // Taken for a leftover by a process that starts: just as well.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        await handle.close();
        throw error;
      }
    }
    return new SpoolFile(handle, folder);
  }

  /** Bytes of the blocks in it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a block at the end. What fails leaves the file as it was, in effect: the next one goes to the same place. */
  async append(parts: readonly Uint8Array[]): Promise<void> {
    this.#bytes = await writeParts(this.#handle, parts, this.#bytes);
  }

  /** Fills `target` from `position` on. */
  async read(target: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < target.length;) {
      const length = target.length - done;
      const { bytesRead } = await this.#handle.read(target, done, length, position + done);
      if (bytesRead === 0) throw damaged(this.#folder, 'it ends too early');
      done += bytesRead;
    }
  }

  /** @throws PermanentError `spool-damaged`: for what was read and is not what was written. */
  damaged(): never {
    throw damaged(this.#folder, 'a block has another checksum');
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

function damaged(folder: string, why: string): PermanentError {
  return new PermanentError(`a file of the spool in ${folder} is damaged: ${why}`, {
    code: 'spool-damaged',
    remedy:
      'Nothing of it counts as landed: the next start fetches its records again. Check the disk, or set spool_dir to another.',
  });
}
