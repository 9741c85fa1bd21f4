import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BUCKET_IDS } from '@scoreline/ledger';

import { auditRange } from './audit-range.ts';

for (const [what, maxId, floor, expected] of [
  ['nothing is captured', 0, 0, null],
  ['the first bucket is still open', BUCKET_IDS - 1, 0, null],
  ['one bucket is full', BUCKET_IDS, 0, { from: 1, to: BUCKET_IDS - 1 }],
  ['many are', 10 * BUCKET_IDS + 5, 0, { from: 8 * BUCKET_IDS, to: 10 * BUCKET_IDS - 1 }],
  [
    'it began within them',
    10 * BUCKET_IDS,
    9 * BUCKET_IDS + 7,
    { from: 9 * BUCKET_IDS + 7, to: 10 * BUCKET_IDS - 1 },
  ],
  ['it began behind them', 10 * BUCKET_IDS, 10 * BUCKET_IDS, null],
] as const) {
  test(`an audit when ${what}`, () => {
    assert.deepEqual(auditRange(maxId, floor), expected);
  });
}
