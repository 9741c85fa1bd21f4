import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DELIVERY_MUTANTS } from './mutants/delivery-mutants.ts';
import { runMutant } from './mutants/run-mutant.ts';

for (const mutant of DELIVERY_MUTANTS) {
  const { name, shownBy } = mutant;
  test(`"${name}" makes ${shownBy} fail`, { timeout: 15 * 60_000 }, async (t) => {
    const { outcome, said } = await runMutant(mutant, t.signal);
    assert.equal(outcome, 'killed', said);
  });
}
