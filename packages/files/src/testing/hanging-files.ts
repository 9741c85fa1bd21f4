import type { FileHandle } from 'node:fs/promises';

import { deferred } from '@scoreline/service';

import { type FileSystem, nodeFiles } from '../file-system.ts';

export interface HangingFiles extends FileSystem {
  /** Resolves when a write hangs. */
  readonly reached: Promise<void>;
  release(): void;
}

/** A disk on which the first write at a position for which `hangs` says so waits until it is released. */
export function hangingFiles(hangs: (position: number) => boolean): HangingFiles {
  const waiting = deferred();
  const released = deferred();
  let hasHung = false;
  return {
    ...nodeFiles,
    reached: waiting.promise,
    release: released.resolve,
    open: async (...args) => {
      const handle = await nodeFiles.open(...args);
      const write = handle.write.bind(handle) as (...some: unknown[]) => unknown;
      handle.write = (async (...some: unknown[]) => {
        if (!hasHung && hangs(some[3] as number)) {
          hasHung = true;
          waiting.resolve();
          await released.promise;
        }
        return write(...some);
      }) as FileHandle['write'];
      return handle;
    },
  };
}
