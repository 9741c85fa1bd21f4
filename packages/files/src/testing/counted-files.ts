import { type FileSystem, nodeFiles } from '../file-system.ts';

export interface CountedFiles extends FileSystem {
  /** Now, and at most at a time. */
  readonly open: FileSystem['open'];
  readonly counts: { open: number; most: number };
}

/** Counts the files that are open. */
export function countedFiles(): CountedFiles {
  const counts = { open: 0, most: 0 };
  return {
    ...nodeFiles,
    counts,
    open: async (...args) => {
      const handle = await nodeFiles.open(...args);
      counts.most = Math.max(counts.most, ++counts.open);
      const close = handle.close.bind(handle);
      handle.close = async () => {
        await close();
        counts.open--;
      };
      return handle;
    },
  };
}

/** A file system that is full as long as `isFull` says so: the kernel’s own errors. */
export function fullFiles(isFull: () => boolean): FileSystem {
  return {
    ...nodeFiles,
    open: (path, flags, mode) => {
      const isWritten = typeof flags === 'string' && flags !== 'r';
      return isWritten && isFull()
        ? nodeFiles.open('/dev/full', 'r+')
        : nodeFiles.open(path, flags, mode);
    },
  };
}
