import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import type { Bench } from '../bench.ts';
import { type AvroBytes, avroIdentity } from './avro-identity.ts';
import type { OpenPlace, Place } from './place.ts';

/** A folder on the disk that holds the stack. */
export class FilePlace implements Place {
  readonly #bench: Bench;
  readonly #name: string;

  constructor(bench: Bench, name: string) {
    this.#bench = bench;
    this.#name = name;
  }

  missing(): null {
    return null;
  }

  async open(round: number): Promise<OpenPlace> {
    const folder = join(this.#bench.dir, 'landed', `${this.#name}-${round}`);
    await mkdir(folder, { recursive: true });
    return {
      env: { avro_path: folder },
      identity: () => avroIdentity(this.#bench, filesIn(folder)),
      close: () => rm(folder, { recursive: true, force: true }),
    };
  }
}

/** What the sink has made and not linked, below `.scoreline`, has not landed. */
async function* filesIn(folder: string): AsyncGenerator<AvroBytes> {
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.avro') || name.startsWith('.scoreline')) continue;
    yield Readable.toWeb(createReadStream(join(folder, name))) as AvroBytes;
  }
}
