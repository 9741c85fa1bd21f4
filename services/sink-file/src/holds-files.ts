import path from 'node:path';

import type { FileSystem } from '@scoreline/files';

/** Whether there is an Avro file anywhere below this folder. */
export async function holdsFiles(files: FileSystem, folder: string): Promise<boolean> {
  for await (const _name of avroFilesIn(files, folder)) return true;
  return false;
}

/** The names, below `root`, of every Avro file anywhere in a folder of it. */
export async function* avroFilesIn(
  files: FileSystem,
  root: string,
  folder = '',
): AsyncGenerator<string, void> {
  for (const entry of await entriesOf(files, path.join(root, folder))) {
    const name = path.join(folder, entry.name);
    if (entry.isFile() && entry.name.endsWith('.avro')) yield name;
    if (entry.isDirectory()) yield* avroFilesIn(files, root, name);
  }
}

async function entriesOf(files: FileSystem, folder: string) {
  try {
    return await files.readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
