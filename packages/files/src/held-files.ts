import { crc32c } from '@scoreline/kafka';
import type { AskedIds } from '@scoreline/landing';
import { PermanentError } from '@scoreline/service';

import { type ArchiveFile, type ArchiveFiles, listArchive } from './archive-files.ts';
import { archivedIds } from './archived-rows.ts';
import { decodeBlock } from './codec.ts';
import { containerIds, Unreadable } from './container-ids.ts';
import { crc32cHex } from './crc32c-text.ts';
import type { ListedObject, ObjectMetadata, ObjectStore } from './object-store.ts';

/**
 * Which ids are in a store's files. They are read, and not believed: each row, and what the file's metadata says
 * of all of them. Only files whose ids lie elsewhere, by their metadata, are left alone.
 */
export class HeldFiles {
  readonly #store: ObjectStore;
  readonly #prefixes: readonly string[];
  /** Of files whose metadata is asked for one by one, the lowest and the highest id: they do not change. */
  readonly #spans = new Map<string, Span>();
  /** The highest id of an archiver's file that was read. */
  readonly #archived = new Map<string, number>();

  /** @param prefixes below which there are files of ours. */
  constructor(store: ObjectStore, prefixes: readonly string[]) {
    this.#store = store;
    this.#prefixes = prefixes;
  }

  async *ids(asked: AskedIds, signal: AbortSignal): AsyncGenerator<Float64Array, void> {
    for (const prefix of this.#prefixes) {
      for await (const listed of this.#store.list(prefix, signal)) {
        if (listed.name.endsWith('.avro')) yield* this.#of(listed, asked, signal);
      }
    }
    const { archive } = this.#store;
    const to = Math.min(asked.to, asked.heldUpTo ?? -1);
    if (archive !== undefined && to >= asked.from) {
      yield* this.#ofArchive(archive, { from: asked.from, to }, signal);
    }
  }

  async *#of(
    { name, metadata: listed }: ListedObject,
    { from, to }: AskedIds,
    signal: AbortSignal,
  ): AsyncGenerator<Float64Array, void> {
    const before = this.#spans.get(name);
    if (before !== undefined && !overlaps(before, { from, to })) return;
    const metadata = listed ?? (await this.#store.stat(name, signal))?.metadata ?? {};
    const span = spanOf(metadata);
    if (listed === null) this.#spans.set(name, span);
    if (!overlaps(span, { from, to })) return;
    let rows = 0;
    let crc = 0;
    try {
      for await (const { ids, datums } of containerIds(
        this.#store.read(name, signal),
        decodeBlock,
      )) {
        rows += ids.length;
        crc = crc32c(datums, 0, datums.length, crc);
        yield between(ids, from, to);
      }
      checkWhole(metadata, rows, crc);
    } catch (error) {
      if (!(error instanceof Unreadable || error instanceof RangeError)) throw error;
      throw new PermanentError(`the file ${name} cannot be read: ${error.message}`, {
        code: 'object-unreadable',
        remedy:
          'Rows that have landed are not there any more. Find out who has changed it, and put a whole copy in its place.',
        cause: error,
      });
    }
  }

  async *#ofArchive(
    archive: ArchiveFiles,
    { from, to }: AskedIds,
    signal: AbortSignal,
  ): AsyncGenerator<Float64Array, void> {
    for (const file of await listArchive(archive, signal)) {
      const highest = this.#archived.get(file.name) ?? Number.POSITIVE_INFINITY;
      if (file.firstId > to || highest < from) continue;
      yield* this.#ofArchived(archive, file, { from, to }, signal);
    }
  }

  async *#ofArchived(
    archive: ArchiveFiles,
    file: ArchiveFile,
    { from, to }: AskedIds,
    signal: AbortSignal,
  ): AsyncGenerator<Float64Array, void> {
    let highest = -1;
    for await (const ids of archivedIds(file, archive.read(file.name, signal))) {
      for (const id of ids) if (id > highest) highest = id;
      yield between(ids, from, to);
    }
    this.#archived.set(file.name, highest);
  }
}

interface Span {
  readonly lowest: number;
  readonly highest: number;
}

/** Of a file that does not say it every id may be there. */
function spanOf(metadata: ObjectMetadata): Span {
  const { 'min-id': lowest = 0, 'max-id': highest = Number.POSITIVE_INFINITY } = metadata;
  return { lowest: Number(lowest), highest: Number(highest) };
}

/** Also when a bound is no number. */
function overlaps({ lowest, highest }: Span, { from, to }: AskedIds): boolean {
  return !(lowest > to || highest < from);
}

function between(ids: Float64Array, from: number, to: number): Float64Array {
  return ids.filter((id) => id >= from && id <= to);
}

/** A file of ours says how many rows it has, and the CRC32C of their bytes. */
function checkWhole(metadata: ObjectMetadata, rows: number, crc: number): void {
  const { rows: said, crc32c: saidCrc } = metadata;
  if (said !== undefined && said !== String(rows))
    throw new Unreadable(`it has ${rows} rows, and was made of ${said}`);
  if (saidCrc !== undefined && saidCrc !== crc32cHex(crc))
    throw new Unreadable(`the CRC32C of its rows is ${crc32cHex(crc)}, and was ${saidCrc}`);
}
