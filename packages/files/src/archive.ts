import { IdSet, type Range } from '@scoreline/landing';

import { type ArchiveFile, type ArchiveFiles, listArchive } from './archive-files.ts';
import { archivedIds } from './archived-rows.ts';
import { fileToRead, type IdsBetween } from './overlapping-files.ts';

/** Above every id, and so in the last file. */
const LAST: IdsBetween = { minId: Number.POSITIVE_INFINITY, maxId: Number.POSITIVE_INFINITY };

/**
 * Which ids are in the archiver's files. It has missed what committed late: what a file holds it tells only by
 * its rows. Files are read once, when a range first asks for ids that they may have, one at a time.
 */
export class Archive {
  readonly #source: ArchiveFiles;
  readonly #ids = new IdSet();
  /** By name: the highest id of a file that was read; -1 when it has none. */
  readonly #read = new Map<string, number>();
  #files: readonly ArchiveFile[] | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(source: ArchiveFiles) {
    this.#source = source;
  }

  /** Null when there are no rows. */
  async highest(signal: AbortSignal): Promise<number | null> {
    await this.#readFor(LAST, await this.#list(signal), signal);
    let highest = -1;
    for (const last of this.#read.values()) highest = Math.max(highest, last);
    return highest < 0 ? null : highest;
  }

  /** Those of a range's ids that are there, and others. */
  async idsFor(
    { minId, maxId }: Pick<Range, 'minId' | 'maxId'>,
    heldUpTo: number,
    signal: AbortSignal,
  ): Promise<Pick<IdSet, 'has'>> {
    // Files beyond the bound may be new.
    const known = maxId > heldUpTo ? null : this.#files;
    await this.#readFor({ minId, maxId }, known ?? (await this.#list(signal)), signal);
    return this.#ids;
  }

  async #list(signal: AbortSignal): Promise<readonly ArchiveFile[]> {
    this.#files = await listArchive(this.#source, signal);
    return this.#files;
  }

  async #readFor(
    ids: IdsBetween,
    files: readonly ArchiveFile[],
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      const next = fileToRead(files, ids, ({ name }) => this.#read.get(name));
      if (next === null) return;
      await this.#inTurn(next, signal);
    }
  }

  /** All of a file's ids are known then. */
  #inTurn(file: ArchiveFile, signal: AbortSignal): Promise<void> {
    const turn = this.#turn.then(() => this.#readOnce(file, signal));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #readOnce(file: ArchiveFile, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#read.has(file.name)) return;
    let highest = -1;
    for await (const ids of archivedIds(file, this.#source.read(file.name, signal))) {
      for (const id of ids) {
        this.#ids.add(id);
        if (id > highest) highest = id;
      }
    }
    this.#read.set(file.name, highest);
  }
}
