import { type FileSystem, nodeFiles } from '@scoreline/files';
import type { Stall } from '@scoreline/landing/testing';

/** A network file system: a link may hang, or be made though nobody hears of it. */
export interface FarFiles {
  readonly files: FileSystem;
  loseAnswer(): void;
  stall(): Stall;
}

export function farFiles(): FarFiles {
  let lost = 0;
  let gate: Promise<void> | null = null;
  let onWaiting = () => {};
  return {
    files: {
      ...nodeFiles,
      async link(from, to) {
        if (gate !== null) {
          onWaiting();
          await gate;
        }
        await nodeFiles.link(from, to);
        if (lost === 0) return;
        lost--;
        const error = new Error('the answer was lost');
        throw Object.assign(error, { code: 'ETIMEDOUT', syscall: 'link' });
      },
    },
    loseAnswer: () => void lost++,
    stall() {
      const reached = new Promise<void>((resolve) => {
        onWaiting = resolve;
      });
      let release = () => {};
      gate = new Promise((resolve) => {
        release = () => {
          gate = null;
          resolve();
        };
      });
      return { reached, release: () => release() };
    },
  };
}
