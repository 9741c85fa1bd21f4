import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Allowance } from './allowance.ts';

test('when the rows of an interval are used up the rest of it is waited for', () => {
  const allowance = new Allowance({ rows: 100, intervalMs: 60_000 });
  assert.equal(allowance.waitMs(100, 1_000), 0);
  allowance.took(60, 1_000);
  assert.equal(allowance.waitMs(40, 2_000), 0);
  assert.equal(allowance.waitMs(41, 2_000), 59_000);
  allowance.took(40, 3_000);
  assert.equal(allowance.waitMs(1, 60_999), 1);
  assert.equal(allowance.waitMs(1, 61_000), 0);
  allowance.took(1, 90_000);
  assert.equal(allowance.waitMs(100, 90_000), 60_000);
});

test('a clock that is set back does not hold rows for longer than an interval', () => {
  const allowance = new Allowance({ rows: 100, intervalMs: 60_000 });
  allowance.took(100, 1_000_000);
  assert.equal(allowance.waitMs(1, 1_000), 0);
  allowance.took(100, 1_000);
  assert.equal(allowance.waitMs(1, 2_000), 59_000);
});

test('whoever waits when told never deletes more in an interval', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ rows: fc.integer({ min: 1, max: 100 }), ms: fc.nat(50_000) })),
      (chunks) => {
        const allowance = new Allowance({ rows: 100, intervalMs: 60_000 });
        let nowMs = 0;
        const taken: { rows: number; interval: number }[] = [];
        let beganAtMs = Number.NEGATIVE_INFINITY;
        for (const { rows, ms } of chunks) {
          nowMs += ms;
          nowMs += allowance.waitMs(rows, nowMs);
          allowance.took(rows, nowMs);
          if (nowMs >= beganAtMs + 60_000) beganAtMs = nowMs;
          taken.push({ rows, interval: beganAtMs });
        }
        const sums = new Map<number, number>();
        for (const { rows, interval } of taken) {
          sums.set(interval, (sums.get(interval) ?? 0) + rows);
        }
        assert.ok([...sums.values()].every((rows) => rows <= 100));
      },
    ),
  );
});
