import { IdSet, type Range } from '@scoreline/landing';

import { archivedIds } from './archived-rows.ts';

/** The files that ntppool/archiver has left in a store. They do not change, and nothing here changes them. */
export interface ArchiveFiles {
  /** The names of all, each ending in `<unix time>-<first id>.avro`, in any order. */
  list(signal: AbortSignal): Promise<readonly string[]>;
  /** A file from its beginning to its end. */
  read(name: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** What comes before a first id in the archiver's names: the row's time in seconds since the epoch. */
export const ARCHIVE_NAME = /^\d+-(\d+)\.avro$/;

interface ArchiveFile {
  readonly name: string;
  readonly firstId: number;
}

/**
 * Which ids are in the archiver's files. It went on by id, so that each file begins above the one
 * before; but it has missed what committed late: what a file holds it tells only by its rows. Files are
 * read once, when a range first asks for ids that they may have, one at a time.
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
    const files = await this.#list(signal);
    let highest = -1;
    // The last may have been begun and never filled, or be a shorter repeat of the one before.
    for (let at = files.length - 1, withRows = 0; at >= 0 && withRows < 2; at--) {
      const last = await this.#inTurn(files[at]!, signal);
      if (last >= 0) withRows++;
      highest = Math.max(highest, last);
    }
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
    const files = known ?? (await this.#list(signal));
    for (const file of filesFor(files, minId, maxId)) await this.#inTurn(file, signal);
    return this.#ids;
  }

  async #list(signal: AbortSignal): Promise<readonly ArchiveFile[]> {
    const files: ArchiveFile[] = [];
    for (const name of await this.#source.list(signal)) {
      const [, id] = ARCHIVE_NAME.exec(name.slice(name.lastIndexOf('/') + 1)) ?? [];
      if (id !== undefined) files.push({ name, firstId: Number(id) });
    }
    files.sort((a, b) => a.firstId - b.firstId);
    this.#files = files;
    return files;
  }

  /** The highest id of a file, all of whose ids are known then. */
  #inTurn({ name }: ArchiveFile, signal: AbortSignal): Promise<number> {
    const turn = this.#turn.then(async () => {
      signal.throwIfAborted();
      const before = this.#read.get(name);
      if (before !== undefined) return before;
      let highest = -1;
      for await (const ids of archivedIds(name, this.#source.read(name, signal))) {
        for (const id of ids) {
          this.#ids.add(id);
          if (id > highest) highest = id;
        }
      }
      this.#read.set(name, highest);
      return highest;
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

/** Of files in order of their first ids, those that may have ids from `minId` to `maxId`. */
export function filesFor<F extends { readonly firstId: number }>(
  files: readonly F[],
  minId: number,
  maxId: number,
): readonly F[] {
  return files.filter(({ firstId }, at) => {
    const next = files[at + 1]?.firstId ?? Number.POSITIVE_INFINITY;
    return firstId <= maxId && next > minId;
  });
}
