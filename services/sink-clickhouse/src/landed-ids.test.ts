import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sampleRange, sampleRow } from '@scoreline/landing/testing';
import fc from 'fast-check';

import { LandedIds } from './landed-ids.ts';

test('what a table holds and lacks of a range, whatever else it holds and in any order', () => {
  const ids = fc.uniqueArray(fc.nat(500), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(ids, fc.array(fc.nat(500)), fc.func(fc.boolean()), (inRange, others, isThere) => {
      const range = sampleRange(inRange.map((id) => sampleRow(id)));
      const landed = new LandedIds(range);
      const there = inRange.filter((id) => isThere(id));
      const strangers = others.filter((id) => !inRange.includes(id));
      for (const id of [...there, ...strangers].toSorted((a, b) => b - a)) landed.see(id);
      assert.equal(landed.count, there.length);
      assert.equal(landed.highest, Math.max(-1, ...there));
      assert.deepEqual(
        [...landed.missing()].map((index) => inRange[index]),
        inRange.filter((id) => !there.includes(id)),
      );
    }),
  );
});

test('a range that has an id twice is whole when the table has it twice', () => {
  const landed = new LandedIds(sampleRange([5, 7, 5].map((id) => sampleRow(id))));
  landed.see(5);
  assert.deepEqual([...landed.missing()], [1, 2]);
  for (const id of [7, 5]) landed.see(id);
  assert.equal(landed.count, 3);
  assert.throws(() => landed.see(5), { code: 'destination-holds-duplicates' });
});

test('an id that is there more often than in the range stops', () => {
  const landed = new LandedIds(sampleRange([sampleRow(5)]));
  landed.see(5);
  assert.throws(() => landed.see(5), { code: 'destination-holds-duplicates' });
});

test('what was there twice before is counted, and above that it stops', () => {
  const landed = new LandedIds(sampleRange([sampleRow(5), sampleRow(6)]), 5);
  for (const id of [5, 5, 5, 6]) landed.see(id);
  assert.deepEqual([landed.count, landed.doubles], [2, 2]);
  assert.throws(() => landed.see(6), { code: 'destination-holds-duplicates' });
});
