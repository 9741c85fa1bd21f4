import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CapturedIds } from '@scoreline/ledger';
import fc from 'fast-check';

import { decideRows } from './row-decision.ts';

function ledger(captured: readonly number[], excluded: readonly number[] = []) {
  const ids = new CapturedIds();
  for (const id of captured) ids.add(id);
  for (const id of excluded) ids.exclude(id);
  return ids;
}

const held = (...ids: number[]) => ids.map((id) => ({ id, referenced: false }));

test('only ids that were captured may go', () => {
  const decision = decideRows(
    [...held(1, 2, 3, 70_000), { id: 4, referenced: true }],
    ledger([1, 4, 5, 70_000], [3]),
    { excluded: 'keep', declinedBelow: 0 },
  );
  assert.deepEqual(decision, {
    delete: [1, 70_000],
    unknown: [2],
    excluded: [3],
    declined: [],
    referenced: [4],
  });
});

test('excluded rows go when told, unless another table refers to them', () => {
  const rows = [...held(3), { id: 4, referenced: true }];
  const decision = decideRows(rows, ledger([], [3, 4]), { excluded: 'delete', declinedBelow: 0 });
  assert.deepEqual([decision.delete, decision.referenced], [[3], [4]]);
});

test('rows from before the start are told from rows that nobody knows', () => {
  const decision = decideRows(held(9, 10, 11), ledger([11]), {
    excluded: 'delete',
    declinedBelow: 10,
  });
  assert.deepEqual([decision.declined, decision.unknown, decision.delete], [[9], [10], [11]]);
});

test('every row has one fate, and no row goes that no archive can have', () => {
  const ids = fc.uniqueArray(fc.integer({ min: 1, max: 200_000 }));
  fc.assert(
    fc.property(ids, ids, ids, fc.nat(200_000), (present, captured, excluded, declinedBelow) => {
      const known = ledger(captured, excluded);
      const decision = decideRows(held(...present), known, { excluded: 'keep', declinedBelow });
      const all = Object.values(decision).flat();
      assert.deepEqual(new Set(all), new Set(present));
      assert.equal(all.length, present.length);
      const really = new Set(captured);
      for (const id of decision.delete) assert.ok(really.has(id));
    }),
  );
});
