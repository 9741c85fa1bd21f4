import assert from 'node:assert/strict';
import { test } from 'node:test';

import { dueAtMs } from './due.ts';

const LIMITS = { rows: 1000, bytes: 1000, minRows: 50, ageMs: 600, spacingMs: 250 };
const NEVER = Number.NEGATIVE_INFINITY;

const CASES = [
  { what: 'few rows wait until they are old', rows: 49, opened: 0, previous: NEVER, due: 600 },
  { what: 'enough rows do not wait', rows: 50, opened: 100, previous: NEVER, due: 100 },
  { what: 'the range before was just started', rows: 50, opened: 100, previous: 90, due: 340 },
  { what: 'age counts where it is later', rows: 1, opened: 100, previous: 90, due: 700 },
];

for (const { what, rows, opened, previous, due } of CASES) {
  test(`when a range is landed that is not full: ${what}`, () => {
    const open = { rows, openedAtMs: opened, previousStartMs: previous };
    assert.equal(dueAtMs(open, LIMITS), due);
  });
}

test('with an age of 0, as by default, min_size keeps nothing back', () => {
  const open = { rows: 1, openedAtMs: 100, previousStartMs: NEVER };
  assert.equal(dueAtMs(open, { ...LIMITS, ageMs: 0 }), 100);
});
