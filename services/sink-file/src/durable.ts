import path from 'node:path';

import type { FileSystem } from '@scoreline/files';

/** A file's bytes, or a folder's entries, survive a power loss from here on. */
export async function sync(files: FileSystem, place: string): Promise<void> {
  const handle = await files.open(place, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * The folders from that of `place` up to `root`. All of them, each time: one that is there may have
 * been made by a process that died before it could do this.
 */
export async function syncFolders(files: FileSystem, place: string, root: string): Promise<void> {
  for (let folder = path.dirname(place); ; folder = path.dirname(folder)) {
    await sync(files, folder);
    if (folder === root || folder === path.dirname(folder)) return;
  }
}

/** Gives the file a further name, unless something has it. Whole or not at all, and never in place of another. */
export async function linkNew(
  files: FileSystem,
  from: string,
  to: string,
): Promise<'created' | 'exists'> {
  try {
    await files.link(from, to);
    return 'created';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'exists';
    throw error;
  }
}
