import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Lines that a shell can source. */
export function formatEnv(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([key, value]) => `${key}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('');
}

/** What `formatEnv` wrote. */
export function parseEnv(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^(\w+)='(.*)'$/gm)].map(([, key, value]) => [
      key,
      (value ?? '').replaceAll(`'\\''`, "'"),
    ]),
  ) as Record<string, string>;
}

/** The environment of the stack that runs in a folder. */
export async function readStackEnv(dir: string): Promise<Record<string, string>> {
  try {
    return parseEnv(await readFile(join(dir, 'stack.env'), 'utf8'));
  } catch (cause) {
    throw new Error(
      `no stack runs in ${dir}: start one with npm run stack -- up, or npm run demo`,
      {
        cause,
      },
    );
  }
}
