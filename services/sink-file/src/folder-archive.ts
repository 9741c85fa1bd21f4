import path from 'node:path';

import { type ArchiveFiles, fileError, type FileSystem } from '@scoreline/files';
import { unlessAborted } from '@scoreline/service';

const PART_BYTES = 1_000_000;

/** The files that ntppool/archiver has left in `avro_path` itself. */
export class FolderArchive implements ArchiveFiles {
  readonly #root: string;
  readonly #files: FileSystem;

  constructor(root: string, files: FileSystem) {
    this.#root = root;
    this.#files = files;
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    try {
      return await unlessAborted(this.#files.readdir(this.#root), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw fileError(error, `listing ${this.#root}`);
    }
  }

  async *read(name: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    const target = path.join(this.#root, name);
    try {
      const handle = await this.#files.open(target, 'r');
      try {
        for (;;) {
          const { buffer, bytesRead } = await handle.read(Buffer.alloc(PART_BYTES));
          signal.throwIfAborted();
          if (bytesRead === 0) return;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        await handle.close();
      }
    } catch (error) {
      signal.throwIfAborted();
      throw fileError(error, `reading ${target}`);
    }
  }
}
