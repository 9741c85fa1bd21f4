import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lagOf } from './gauges.ts';

const ENDS = [
  { partition: 0, high: '100' },
  { partition: 1, high: '50' },
  { partition: 2, high: '0' },
];

test('a lag is what is behind the committed offsets, over all partitions', () => {
  const commits = [
    { partition: 0, offset: '90' },
    { partition: 1, offset: '50' },
    { partition: 2, offset: '-1' },
  ];
  assert.equal(lagOf(ENDS, commits), 10);
});

test('a partition that nothing was committed in counts whole, so that nobody takes it for read', () => {
  const commits = [
    { partition: 0, offset: '100' },
    { partition: 1, offset: '-1' },
  ];
  assert.equal(lagOf(ENDS, commits), 50);
  assert.equal(lagOf(ENDS, commits.slice(0, 1)), 50);
});

test('before the first commit a lag is not known', () => {
  assert.equal(lagOf(ENDS, []), null);
  assert.equal(lagOf(ENDS, [{ partition: 0, offset: '-1' }]), null);
});
