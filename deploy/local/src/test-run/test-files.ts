import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { exists } from '../cache.ts';

export interface Workspace {
  /** Relative to the repository. */
  readonly folder: string;
  /** Compiled test files whose source is there, absolute. */
  readonly tests: readonly string[];
  readonly hasSources: boolean;
}

/** The npm workspaces of a repository with their compiled tests. */
export async function workspaces(root: string): Promise<Workspace[]> {
  const text = await readFile(join(root, 'package.json'), 'utf8');
  const patterns = (JSON.parse(text) as { workspaces: string[] }).workspaces;
  const folders = await Promise.all(patterns.map((pattern) => expand(root, pattern)));
  return Promise.all(folders.flat().map((folder) => workspace(root, folder)));
}

async function workspace(root: string, folder: string): Promise<Workspace> {
  const dist = join(root, folder, 'dist');
  const src = join(root, folder, 'src');
  const tests: string[] = [];
  for (const file of await filesIn(dist, '.test.js')) {
    // The compiler never deletes: the test of a source that is gone would still run.
    const source = join(src, relative(dist, file)).replace(/\.js$/, '.ts');
    if (await exists(source)) tests.push(file);
  }
  return { folder, tests: tests.toSorted(), hasSources: (await filesIn(src, '.ts')).length > 0 };
}

/** `packages/*` and plain folders, which is all that package.json uses. */
async function expand(root: string, pattern: string): Promise<string[]> {
  if (!pattern.endsWith('/*')) return [pattern];
  const parent = pattern.slice(0, -2);
  const names = (await readdir(join(root, parent))).toSorted();
  const folders = names.map((name) => join(parent, name));
  const real = await Promise.all(folders.map((one) => exists(join(root, one, 'package.json'))));
  return folders.filter((_, index) => real[index]);
}

async function filesIn(folder: string, suffix: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  return entries.filter((entry) => entry.endsWith(suffix)).map((entry) => join(folder, entry));
}
