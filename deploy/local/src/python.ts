import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

import { exists } from './cache.ts';
import { runCommand } from './run-command.ts';

/** The one that everything was checked with comes first. */
const NAMES = ['python3.13', 'python3.14', 'python3'];
/** Where version managers keep a folder for each version, below the home folder. */
const MANAGED = [
  '.pyenv/versions',
  '.local/share/uv/python',
  '.local/share/mise/installs/python',
  '.asdf/installs/python',
];
/** Debian has Pythons that cannot make virtual environments. A good one tells where it really is. */
const QUESTION = `import ensurepip, os, sys, venv
if sys.version_info < (3, 13): sys.exit(1)
print(os.path.realpath(sys.executable))`;

export interface Places {
  readonly path?: string;
  readonly home?: string;
}

/**
 * A Python >= 3.13 that makes virtual environments: on PATH, or where a version manager keeps its own. Each
 * is asked, for a manager's shim on PATH may lead nowhere. Null when there is none.
 */
export async function findPython({
  path = process.env['PATH'] ?? '',
  home = homedir(),
}: Places = {}): Promise<string | null> {
  const folders = [...path.split(delimiter).filter(Boolean), ...(await managed(home))];
  for (const name of NAMES) {
    for (const folder of folders) {
      const file = join(folder, name);
      const real = (await exists(file)) ? await ask(file) : null;
      if (real !== null) return real;
    }
  }
  return null;
}

async function managed(home: string): Promise<string[]> {
  const found = await Promise.all(
    MANAGED.map(async (place) => {
      const root = join(home, place);
      const versions = await readdir(root).catch(() => []);
      return versions
        .toSorted((a, b) => a.localeCompare(b))
        .map((version) => join(root, version, 'bin'));
    }),
  );
  return found.flat();
}

async function ask(file: string): Promise<string | null> {
  const answer = await runCommand(file, ['-c', QUESTION]).catch(() => '');
  return answer.trim() || null;
}
