import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { APPLIED } from './mutants/damage.ts';
import { type Mutant, MUTANTS } from './mutants/mutants.ts';

const REGISTER = new URL('./mutants/register.js', import.meta.url).href;

/** A test that has failed, with what it says about it. */
const FAILURE = /^not ok [^]*?^ {2}\.\.\.$/m;

/** A test that passes on damaged code proves nothing about the code. */
for (const mutant of MUTANTS) {
  test(`"${mutant.name}" makes ${mutant.shownBy} fail`, { timeout: 15 * 60_000 }, async (t) => {
    const output = await runDamaged(mutant, t.signal);
    assert.match(
      output,
      new RegExp(`${APPLIED} ${mutant.name}`),
      `${mutant.module} was not loaded:\n${output}`,
    );
    const [failure] = FAILURE.exec(output) ?? [];
    assert.ok(failure, `the test passes all the same:\n${output}`);
    assert.match(failure, mutant.failure, 'it fails, and for another reason');
  });
}

async function runDamaged({ name, shownBy }: Mutant, signal: AbortSignal): Promise<string> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(
    process.execPath,
    [
      '--test-reporter=tap',
      '--import',
      REGISTER,
      fileURLToPath(new URL(`../../${shownBy}`, import.meta.url)),
    ],
    { env: { ...env, SCORELINE_MUTANT: name }, stdio: ['ignore', 'pipe', 'pipe'], signal },
  );
  child.on('error', () => {});
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-200_000);
      // It may leave sockets open, which would keep its process for ever.
      if (FAILURE.test(output)) child.kill('SIGKILL');
    });
  }
  await once(child, 'close');
  return output;
}
