import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import type { AvroFiles } from './avro-side.ts';

/** Files below a folder. What is hidden is not looked at. */
export function folderFiles(folder: string): AvroFiles {
  return {
    async names() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile() && entry.name.endsWith('.avro'))
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
        .filter((name) => !name.startsWith('.'))
        .toSorted((a, b) => (a < b ? -1 : 1));
    },
    read: (name) => readFile(join(folder, name)),
  };
}
