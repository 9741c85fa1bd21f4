import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';

import { MAIN } from './capture-process.ts';

export interface ActionResult {
  readonly code: number | null;
  /** Standard output, by lines. */
  readonly lines: readonly string[];
  /** Standard error. */
  readonly errors: string;
}

/** `capture --<action>`, as an operator runs it; with -9 from `killed` on. */
export async function runAction(
  t: TestContext,
  action: string,
  env: Readonly<Record<string, string>>,
  printed: (line: string) => void = () => {},
  killed?: AbortSignal,
): Promise<ActionResult> {
  const child = spawn(process.execPath, [MAIN, `--${action}`], {
    env: { PATH: process.env['PATH'] ?? '', secrets_path: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  killed?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  const lines: string[] = [];
  let errors = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    printed(line);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines, errors };
}
