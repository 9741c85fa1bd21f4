import { open, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Range } from '../range.ts';
import type { Destination, RangeLimits, Sink } from '../sink.ts';
import { TEST_LIMITS } from './memory-sink.ts';

/** Moments of a write. */
export type Moment = 'begun' | 'read in part' | 'durable';

/** Lands the ids of each range in a file of its own, so that it outlives a process that is killed. */
export class FolderSink implements Sink {
  readonly name = 'folder';
  readonly spools = true;
  readonly limits: RangeLimits;
  readonly #folder: string;
  readonly #at: (moment: Moment, range: Range) => Promise<void>;

  constructor(
    folder: string,
    limits: Partial<RangeLimits>,
    at: (moment: Moment, range: Range) => Promise<void> = async () => {},
  ) {
    this.#folder = folder;
    this.limits = { ...TEST_LIMITS, bytes: Number.POSITIVE_INFINITY, ...limits };
    this.#at = at;
  }

  async start(): Promise<Destination> {
    const { ino } = await stat(this.#folder);
    const holdsRows = (await readdir(this.#folder)).length > 0;
    return { name: `folder ${this.#folder}`, fingerprint: String(ino), holdsRows };
  }

  async write(range: Range): Promise<void> {
    await this.#at('begun', range);
    const path = join(this.#folder, range.identity);
    const file = await open(`${path}.tmp`, 'w');
    try {
      for await (const { ids } of range.chunks()) {
        await file.write(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength));
        await this.#at('read in part', range);
      }
    } finally {
      await file.close();
    }
    await rename(`${path}.tmp`, path);
    await this.#at('durable', range);
  }

  async stop(): Promise<void> {}
}

/** The ids in the folder, as often as they are there. */
export async function landedIn(folder: string): Promise<number[]> {
  const ids: number[] = [];
  for (const name of await readdir(folder)) {
    if (name.endsWith('.tmp')) continue;
    const bytes = await readFile(join(folder, name));
    for (let at = 0; at < bytes.length; at += 8) ids.push(bytes.readDoubleLE(at));
  }
  return ids;
}
