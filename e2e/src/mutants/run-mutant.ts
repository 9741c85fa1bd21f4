import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { APPLIED } from './damage.ts';
import { isFast, type Mutant } from './mutant.ts';

const ROOT = new URL('../../../', import.meta.url);
const REGISTER = new URL('./register.js', import.meta.url).href;

/** A test that has failed, in a suite or not, with what it says about it. */
const FAILURE = /^( *)not ok [^]*?^\1 {2}\.\.\.$/m;
/** A failed test may leave sockets open, which would keep its process for ever; or a server to stop. */
const GRACE_MS = { fast: 500, servers: 10_000 } as const;
const OUTPUT_CHARACTERS = 200_000;

export interface Verdict {
  readonly outcome: 'killed' | 'not loaded' | 'survived' | 'failed for another reason';
  /** What the test said of the mutant; all that it said where that is not what was expected. */
  readonly said: string;
  readonly seconds: number;
}

/** Runs a mutant's test on damaged code. A test that passes there proves nothing about the code. */
export async function runMutant(mutant: Mutant, signal: AbortSignal): Promise<Verdict> {
  const beganAt = performance.now();
  const { output, isApplied } = await outputOf(mutant, signal);
  const seconds = (performance.now() - beganAt) / 1000;
  if (!isApplied) return { outcome: 'not loaded', said: output, seconds };
  const [failure] = FAILURE.exec(output) ?? [];
  if (failure === undefined) return { outcome: 'survived', said: output, seconds };
  const [said] = mutant.failure.exec(failure) ?? [];
  return said === undefined
    ? { outcome: 'failed for another reason', said: failure, seconds }
    : { outcome: 'killed', said, seconds };
}

async function outputOf(
  mutant: Mutant,
  signal: AbortSignal,
): Promise<{ output: string; isApplied: boolean }> {
  const { name, shownBy, test } = mutant;
  const graceMs = GRACE_MS[isFast(mutant) ? 'fast' : 'servers'];
  signal.throwIfAborted();
  // Of the test that runs this one, if there is any.
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: options = '', ...env } = process.env;
  const child = spawn(
    process.execPath,
    [
      '--test-reporter=tap',
      `--test-name-pattern=${literally(test)}`,
      fileURLToPath(new URL(shownBy, ROOT)),
    ],
    {
      env: { ...env, SCORELINE_MUTANT: name, NODE_OPTIONS: `${options} --import ${REGISTER}` },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, which ends as one: the test has started processes too.
      detached: true,
    },
  );
  const end = (): void => endGroup(child);
  signal.addEventListener('abort', end, { once: true });
  let output = '';
  let isApplied = false;
  let grace: NodeJS.Timeout | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-OUTPUT_CHARACTERS);
      isApplied ||= output.includes(`${APPLIED} ${name}\n`);
      if (FAILURE.test(output)) grace ??= setTimeout(end, graceMs);
    });
  }
  await once(child, 'close');
  clearTimeout(grace);
  end();
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  return { output, isApplied };
}

/** For a flag that takes a regular expression. */
function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
