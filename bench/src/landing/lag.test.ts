import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lagOf } from './lag.ts';

const ends = [
  { partition: 0, low: '0', high: '100' },
  { partition: 1, low: '10', high: '50' },
];

test('what no group has committed lags from its beginning', () => {
  assert.equal(lagOf(ends, []), 140);
  assert.equal(lagOf(ends, [{ partition: 1, offset: '-1' }]), 140);
});

test('partitions are taken by number, and add up to nothing only when each is at its end', () => {
  const second = { partition: 1, offset: '50' };
  assert.equal(lagOf(ends, [second]), 100);
  assert.equal(lagOf(ends, [second, { partition: 0, offset: '99' }]), 1);
  assert.equal(lagOf(ends, [second, { partition: 0, offset: '100' }]), 0);
});

test('an offset beyond the end does not make up for records of another partition', () => {
  const committed = [
    { partition: 0, offset: '90' },
    { partition: 1, offset: '60' },
  ];
  assert.throws(() => lagOf(ends, committed), /partition 1 is committed to 60, beyond its end 50/);
});
