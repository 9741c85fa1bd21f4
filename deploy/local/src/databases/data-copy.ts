import { constants } from 'node:fs';
import { cp, lstat, rm } from 'node:fs/promises';

/** Copies a stopped server's data folder over another folder, which is then exactly as it was. */
export async function copyData(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, {
    recursive: true,
    preserveTimestamps: true,
    mode: constants.COPYFILE_FICLONE,
    // Of a server that was killed, its socket is still there, and cannot be copied.
    filter: async (file) => !(await lstat(file)).isSocket(),
  });
}
