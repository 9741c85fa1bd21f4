import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ALL_FAULTS } from './all-faults.ts';
import { textOf } from './fault.ts';

test('every fault has a name of its own', () => {
  const names = ALL_FAULTS.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
});

test('what every fault comes to is fixed beforehand', () => {
  for (const { name, outcome } of ALL_FAULTS) {
    assert.match(textOf(outcome), /^(?:goes on|stops: [a-z]+(?:-[a-z]+)*)$/, name);
  }
});
