import type { FileHandle } from 'node:fs/promises';

import { type FileSystem, nodeFiles } from '@scoreline/files';

/** What is left on the disk when a process dies at one of its steps. */
export interface Death {
  /** The step that is not done any more: 1, 2, ... */
  readonly step: number;
  /** Half of what that step writes is written. */
  readonly half?: boolean;
  /** Throws, or does not return. */
  readonly die: (step: string) => never;
}

const STEPS = new Set(['write', 'sync', 'appendFile']);

/**
 * A file system under a process that dies at a step: of everything that changes what is on the disk,
 * or makes it durable, nothing is done from then on.
 */
export function mortalFiles(death: Death): FileSystem & { readonly steps: string[] } {
  const steps: string[] = [];
  const step = (name: string): void => {
    steps.push(name);
    if (steps.length >= death.step) death.die(name);
  };
  const stepping =
    <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      step(`${name} ${String(args[name === 'link' ? 1 : 0])}`);
      return call(...args);
    };
  const mortal = (handle: FileHandle, path: string): FileHandle =>
    new Proxy(handle, {
      get(target, key) {
        const value = Reflect.get(target, key, target) as unknown;
        if (typeof value !== 'function') return value;
        const method = value.bind(target) as (...args: unknown[]) => Promise<unknown>;
        if (typeof key !== 'string' || !STEPS.has(key)) return method;
        return async (...args: unknown[]) => {
          if (death.half && steps.length + 1 === death.step) await writeHalf(target, key, args);
          step(`${key} ${path}`);
          return method(...args);
        };
      },
    });
  return {
    ...nodeFiles,
    steps,
    link: stepping('link', nodeFiles.link),
    mkdir: stepping('mkdir', nodeFiles.mkdir) as FileSystem['mkdir'],
    rm: stepping('rm', nodeFiles.rm),
    open: async (path, flags, mode) =>
      mortal(await nodeFiles.open(path, flags, mode), String(path)),
  };
}

async function writeHalf(handle: FileHandle, key: string, args: unknown[]): Promise<void> {
  if (key === 'appendFile') {
    const line = args[0] as string;
    await handle.appendFile(line.slice(0, line.length >> 1));
  } else if (key === 'write') {
    const [bytes, from, length, position] = args as [Buffer, number, number, number];
    await handle.write(bytes, from, length >> 1, position);
  }
}
