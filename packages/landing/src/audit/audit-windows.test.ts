import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BUCKET_IDS } from '@scoreline/ledger';
import fc from 'fast-check';

import { windowsOf } from './audit-windows.ts';

const buckets = fc.uniqueArray(fc.nat(60)).map((all) => all.toSorted((a, b) => a - b));

test('windows have every bucket once, and together every id around them', () => {
  fc.assert(
    fc.property(buckets, fc.integer({ min: 1, max: 5 }), (all, most) => {
      const around = { from: 0, to: Number.MAX_SAFE_INTEGER };
      const windows = windowsOf(all, around, most);
      assert.deepEqual(
        windows.flatMap((window) => [...window.buckets]),
        all,
      );
      let next = 0;
      for (const { buckets: some, from, to } of windows) {
        assert.ok(some.size <= most);
        assert.equal(from, next);
        for (const one of some)
          assert.ok(from <= one * BUCKET_IDS && (one + 1) * BUCKET_IDS <= to + 1);
        next = to + 1;
      }
      assert.equal(next, Number.MAX_SAFE_INTEGER + 1);
    }),
  );
});

test('where only the buckets are of interest, wide gaps are not asked for', () => {
  fc.assert(
    fc.property(buckets, fc.integer({ min: 1, max: 5 }), (all, most) => {
      const windows = windowsOf(all, null, most);
      assert.deepEqual(
        windows.flatMap((window) => [...window.buckets]),
        all,
      );
      for (const { buckets: some, from, to } of windows) {
        const [first = 0] = some;
        assert.equal(from, first * BUCKET_IDS);
        assert.ok(to + 1 - from <= 2 * most * BUCKET_IDS);
        for (const one of some) assert.ok((one + 1) * BUCKET_IDS <= to + 1);
      }
    }),
  );
  assert.deepEqual(windowsOf([], null), []);
});
