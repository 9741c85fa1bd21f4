import { spawn } from 'node:child_process';

import type { Say } from './server.ts';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Lines of the command's output that are worth showing; of those the first group, if there is one. */
  readonly progress?: { readonly say: Say; readonly match: RegExp };
}

/** Runs a command to its end and resolves with its standard output. Fails with the tail of what it said. */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, env, progress }: CommandOptions = {},
): Promise<string> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let all = '';
  let line = '';
  const take = (chunk: Buffer): void => {
    const text = chunk.toString();
    all = (all + text).slice(-4_000);
    if (!progress) return;
    const lines = (line + text).split(/[\r\n]+/);
    line = lines.pop() ?? '';
    for (const one of lines) {
      const found = progress.match.exec(one);
      if (found) progress.say(`  ${(found[1] ?? one).trim().slice(0, 150)}`);
    }
  };
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    take(chunk);
  });
  child.stderr.on('data', take);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`cannot run ${command}: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else
        reject(
          new Error(`${command} ${args.join(' ')} ended with ${signal ?? `code ${code}`}:\n${all}`),
        );
    });
  });
}
