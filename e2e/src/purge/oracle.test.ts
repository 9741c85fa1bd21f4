import assert from 'node:assert/strict';
import { test } from 'node:test';

import { complaints, type Facts } from './oracle.ts';

const before = new Map([
  [1, 10n],
  [2, 20n],
  [3, 30n],
]);
const archive = { hashes: before, doubled: new Set<number>() };
/** 1 and 2 are purged, as they may be. */
const RIGHT: Facts = {
  before,
  after: new Map([[3, 30n]]),
  recorded: [2, 1],
  archives: new Map([['a', archive]]),
};

const without = (id: number) => new Map([...before].filter(([one]) => one !== id));
const archives = (hashes: ReadonlyMap<number, bigint>, doubled: readonly number[] = []) =>
  new Map([
    ['a', archive],
    ['b', { hashes, doubled: new Set(doubled) }],
  ]);

test('the oracle has nothing to say where nothing is wrong', () => {
  assert.deepEqual(complaints(RIGHT), []);
  assert.deepEqual(complaints({ ...RIGHT, archives: archives(without(3)) }), []);
  assert.deepEqual(complaints({ ...RIGHT, after: before, recorded: [] }), []);
});

for (const [what, wrong, says] of [
  ['left without a record', { recorded: [1] }, /^2 has left MySQL, and 0 records/],
  ['was recorded twice', { recorded: [1, 2, 2] }, /^2 has left MySQL, and 2 records/],
  ['is recorded and still there', { recorded: [1, 2, 3] }, /^3 is recorded as deleted, and MySQL/],
  ['is recorded and nobody saw it', { recorded: [1, 2, 4] }, /^4 is recorded .* never seen/],
  ['is missing in one of two archives', { archives: archives(without(2)) }, /^2 .* not in b$/],
  [
    'is another one in an archive',
    { archives: archives(new Map([...before, [1, 11n]])) },
    /^1 .* another in b$/,
  ],
  ['is in an archive twice', { archives: archives(before, [2]) }, /^2 is more than once in b$/],
  ['was changed', { after: new Map([[3, 31n]]) }, /^3 is not as it was$/],
  [
    'came after MySQL was looked at',
    {
      after: new Map([
        [3, 30n],
        [5, 50n],
      ]),
    },
    /^5 came from nowhere$/,
  ],
] as const satisfies readonly (readonly [string, Partial<Facts>, RegExp])[]) {
  test(`the oracle says which row ${what}`, () => {
    const found = complaints({ ...RIGHT, ...wrong });
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0]!, says);
  });
}

test('rows that no archive must hold, or that were judged before, need a record all the same', () => {
  const nowhere = archives(new Map());
  assert.equal(complaints({ ...RIGHT, archives: nowhere }).length, 2);
  const spared = { archivedNowhere: new Set([1]), judged: new Set([2]) };
  assert.deepEqual(complaints({ ...RIGHT, archives: nowhere, ...spared }), []);
  assert.equal(complaints({ ...RIGHT, archives: nowhere, ...spared, recorded: [] }).length, 2);
});
