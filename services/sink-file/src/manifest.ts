import type { FileHandle } from 'node:fs/promises';

import type { FileSystem, ObjectMetadata } from '@scoreline/files';

export interface ManifestEntry {
  /** Below avro_path. */
  readonly name: string;
  readonly size: number;
  /** Of the file's bytes, in hex. */
  readonly crc32c: string;
  readonly metadata: ObjectMetadata;
}

const NEWLINE = 0x0a;

/**
 * A line of JSON for each file, appended before its range counts as landed. Nothing here decides by
 * it: it is for those who copy or check the files. A line that a full disk or a death has cut off is
 * followed by the whole one.
 */
export class Manifest {
  readonly #path: string;
  readonly #files: FileSystem;

  constructor(path: string, files: FileSystem) {
    this.#path = path;
    this.#files = files;
  }

  /** Whether a whole line names the file. Reads all of it: asked only when a range is repeated. */
  async has(name: string): Promise<boolean> {
    const handle = await this.#open('r');
    if (handle === null) return false;
    try {
      for await (const line of handle.readLines({ autoClose: false }))
        if (line.includes(name) && nameIn(line) === name) return true;
      return false;
    } finally {
      await handle.close();
    }
  }

  /** Durable when it resolves, but for the name of a manifest that is new. */
  async add(entry: ManifestEntry): Promise<void> {
    const handle = await this.#files.open(this.#path, 'a+');
    try {
      const isCut = await endsWithin(handle);
      // One write, so that processes that append at a time do not mix.
      await handle.appendFile(`${isCut ? '\n' : ''}${JSON.stringify(entry)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async #open(flags: string): Promise<FileHandle | null> {
    try {
      return await this.#files.open(this.#path, flags);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }
}

async function endsWithin(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== NEWLINE;
}

function nameIn(line: string): unknown {
  try {
    return (JSON.parse(line) as { name?: unknown }).name;
  } catch {
    return null;
  }
}
