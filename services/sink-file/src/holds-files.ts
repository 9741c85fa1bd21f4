import path from 'node:path';

import type { FileSystem } from '@scoreline/files';

/** Whether there is an Avro file anywhere below this folder. */
export async function holdsFiles(files: FileSystem, folder: string): Promise<boolean> {
  for (const entry of await entriesOf(files, folder)) {
    if (entry.isFile() && entry.name.endsWith('.avro')) return true;
    if (entry.isDirectory() && (await holdsFiles(files, path.join(folder, entry.name))))
      return true;
  }
  return false;
}

async function entriesOf(files: FileSystem, folder: string) {
  try {
    return await files.readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
