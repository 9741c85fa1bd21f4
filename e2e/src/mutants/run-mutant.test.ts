import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';
import { runMutant } from './run-mutant.ts';

const KILLED = MUTANTS.find(({ name }) => name === 'a damaged record batch is read')!;

async function outcomeOf(change: Partial<Mutant>, signal: AbortSignal): Promise<string> {
  return (await runMutant({ ...KILLED, ...change }, signal)).outcome;
}

// Of what counts as killed, the mutants themselves are the test.
test('a mutant counts as killed only by its own test, and for its own reason', async (t) => {
  const passes = 'a batch without records has nothing to walk';
  assert.equal(await outcomeOf({ test: passes }, t.signal), 'survived');
  assert.equal(await outcomeOf({ test: 'no test is called so' }, t.signal), 'survived');
  const failure = /another reason/;
  assert.equal(await outcomeOf({ failure }, t.signal), 'failed for another reason');
  const elsewhere = { shownBy: 'packages/kafka/dist/errors.test.js', test: "the broker's error" };
  assert.equal(await outcomeOf(elsewhere, t.signal), 'not loaded');
});

test('a stop ends the run', async () => {
  const reason = new Error('stopped');
  await assert.rejects(runMutant(KILLED, AbortSignal.abort(reason)), reason);
  await assert.rejects(runMutant(KILLED, AbortSignal.timeout(50)), { name: 'TimeoutError' });
});
