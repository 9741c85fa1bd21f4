import assert from 'node:assert/strict';
import { test } from 'node:test';

import { daysOf } from './insert-job.ts';

const DAY_US = 86_400_000_000;

test('a job costs as many partitions as its rows have days, and no more than rows', () => {
  const noon = 20_000 * DAY_US + DAY_US / 2;
  assert.equal(daysOf({ minTs: noon, maxTs: noon, rows: 1000 }), 1);
  assert.equal(daysOf({ minTs: noon, maxTs: noon + DAY_US / 2 - 1, rows: 1000 }), 1);
  assert.equal(daysOf({ minTs: noon, maxTs: noon + DAY_US / 2, rows: 1000 }), 2);
  assert.equal(daysOf({ minTs: noon, maxTs: noon + 4 * DAY_US, rows: 1000 }), 5);
  assert.equal(daysOf({ minTs: noon, maxTs: noon + 400 * DAY_US, rows: 3 }), 3);
});
