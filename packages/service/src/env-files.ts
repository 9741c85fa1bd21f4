import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Environment } from './config.ts';
import { ConfigError } from './errors.ts';

/**
 * The environment, completed by the `*.env` files of a folder, as Vault's agent writes them. What the
 * real environment sets, in whichever case, wins. The folder need not exist.
 */
export function withEnvFiles(env: Environment, folder: string): Environment {
  return { ...env, ...addedByEnvFiles(env, folder) };
}

/** What the files give and the environment does not, by names in lower case. */
export function addedByEnvFiles(env: Environment, folder: string): Environment {
  const real = new Set(
    Object.keys(env)
      .filter((name) => env[name])
      .map((name) => name.toLowerCase()),
  );
  const added: Record<string, string> = {};
  const setBy = new Map<string, { file: string; value: string }>();
  for (const file of envFiles(folder)) {
    for (const [name, value] of parseEnvFile(readFile(file), file)) {
      const key = name.toLowerCase();
      const before = setBy.get(key);
      if (before && before.value !== value) throw twice(name, before.file, file);
      setBy.set(key, { file, value });
      if (!real.has(key)) added[key] = value;
    }
  }
  return added;
}

/**
 * `KEY=VALUE` lines with an optional `export`, comments, and values in single or double quotes, which
 * may span lines. Nothing is executed or expanded: `$HOME` and `$(id)` are themselves.
 */
export function parseEnvFile(text: string, file: string): [name: string, value: string][] {
  const entries: [string, string][] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  const wrong = (what: string): ConfigError =>
    new ConfigError(
      `secrets_path: ${file}, line ${text.slice(0, at).split('\n').length}: ${what}`,
      {
        code: 'env-file',
        remedy: 'Write KEY=VALUE, one a line, and quote values that hold spaces or quotes.',
      },
    );
  for (;;) {
    take(/(?:\s+|#[^\n]*)*/y);
    if (at >= text.length) return entries;
    const name = take(/(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=/y)?.[1];
    if (name === undefined) throw wrong('expected KEY=VALUE');
    const value = take(/'([^']*)'|"((?:[^"\\]|\\[^])*)"|((?!['"])[^\n]*)/y);
    if (!value) throw wrong(`the quote of ${name} is not closed`);
    const [, single, double, bare = ''] = value;
    const quoted = single ?? double?.replaceAll(/\\([^])/g, unescape);
    if (quoted !== undefined && !take(/[ \t]*(?:#[^\n]*)?\r?(?:\n|$)/y)) {
      throw wrong(`text after the closing quote of ${name}`);
    }
    entries.push([name, quoted ?? bare.replace(/(?:^|\s)#.*$/, '').trim()]);
  }
}

/** Inside double quotes, as the shell and godotenv agree: other backslashes stay. */
function unescape(both: string, character: string): string {
  if (character === 'n') return '\n';
  if (character === '\n') return '';
  return '"\\$`'.includes(character) ? character : both;
}

function envFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.env'))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(folder, error);
  }
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(path: string, cause: unknown): ConfigError {
  return new ConfigError(`secrets_path: cannot read ${path}: ${(cause as Error).message}`, {
    code: 'env-file',
    remedy: 'Let the user of this process read it, or take it away.',
    cause,
  });
}

function twice(name: string, one: string, other: string): ConfigError {
  return new ConfigError(`secrets_path: ${name} has different values in ${one} and ${other}`, {
    code: 'env-file',
    remedy: 'Keep one of them, or set it in the environment, which wins.',
  });
}
