import { access, link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';

/** What is used of a file system; tests put faults in between. */
export interface FileSystem {
  readonly access: typeof access;
  readonly link: typeof link;
  readonly mkdir: typeof mkdir;
  readonly open: typeof open;
  readonly readdir: typeof readdir;
  readonly rm: typeof rm;
  readonly stat: typeof stat;
}

export const nodeFiles: FileSystem = { access, link, mkdir, open, readdir, rm, stat };
