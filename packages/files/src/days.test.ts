import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { dayName, dayOf, endOfDay } from './days.ts';

const DAY_US = 86_400_000_000;

test('a timestamp is of the day that whole numbers say, however far away', () => {
  // The first and last microsecond of a day are where a quotient may be rounded the wrong way.
  const near = fc
    .tuple(fc.integer({ min: -104_000, max: 104_000 }), fc.integer({ min: -2, max: 2 }))
    .map(([day, us]) => day * DAY_US + us);
  const any = fc.maxSafeInteger();
  fc.assert(
    fc.property(fc.oneof(near, any), (timestampUs) => {
      const exact = BigInt(timestampUs);
      const day = BigInt(dayOf(timestampUs));
      const intoDay = exact - day * BigInt(DAY_US);
      assert.ok(intoDay >= 0n && intoDay < BigInt(DAY_US));
    }),
    { numRuns: 2000 },
  );
});

test('a day is called by its date in UTC', () => {
  const us = Date.UTC(2254, 11, 31, 23, 59, 59, 999) * 1000 + 999;
  assert.equal(dayName(dayOf(us)), '2254-12-31');
  assert.equal(dayName(dayOf(us + 1)), '2255-01-01');
  assert.equal(dayName(dayOf(-1)), '1969-12-31');
});

test('a day ends where the next row is of another one, before or after', () => {
  const rows = Float64Array.of(0, 5, DAY_US - 1, DAY_US, 1, -1);
  assert.equal(endOfDay(0, rows, 0, rows.length), 3);
  assert.equal(endOfDay(0, rows, 0, 2), 2);
  assert.equal(endOfDay(1, rows, 3, rows.length), 4);
  assert.equal(endOfDay(0, rows, 4, rows.length), 5);
  assert.equal(endOfDay(-1, rows, 5, rows.length), 6);
});
