import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isFast } from './mutants/mutant.ts';
import { MUTANTS } from './mutants/mutants.ts';
import { runMutant } from './mutants/run-mutant.ts';

// The others take servers and minutes: `npm run test:mutants`.
for (const mutant of MUTANTS.filter(isFast)) {
  const { name, shownBy } = mutant;
  test(`"${name}" makes ${shownBy} fail`, { timeout: 60_000 }, async (t) => {
    const { outcome, said } = await runMutant(mutant, t.signal);
    assert.equal(outcome, 'killed', said);
  });
}
