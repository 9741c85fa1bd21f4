/** The files that ntppool/archiver has left in a store. They do not change, and nothing here changes them. */
export interface ArchiveFiles {
  /** The names of all, each ending in `<unix time>-<first id>.avro`, in any order. */
  list(signal: AbortSignal): Promise<readonly string[]>;
  /** A file from its beginning to its end. */
  read(name: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** What comes before a first id in the archiver's names: the row's time in seconds since the epoch. */
export const ARCHIVE_NAME = /^\d+-(\d+)\.avro$/;

export interface ArchiveFile {
  readonly name: string;
  /** The lowest one: the archiver writes rows by id. */
  readonly firstId: number;
}

/** Whatever else lies there is left out. In the order of their first ids. */
export async function listArchive(
  source: ArchiveFiles,
  signal: AbortSignal,
): Promise<readonly ArchiveFile[]> {
  const files: ArchiveFile[] = [];
  for (const name of await source.list(signal)) {
    const [, id] = ARCHIVE_NAME.exec(name.slice(name.lastIndexOf('/') + 1)) ?? [];
    if (id !== undefined) files.push({ name, firstId: Number(id) });
  }
  return files.sort((a, b) => a.firstId - b.firstId);
}
