import assert from 'node:assert/strict';
import { test } from 'node:test';

import { progress } from './progress.ts';
import type { RangeFacts } from './range.ts';

function range(first: bigint, last: bigint): RangeFacts {
  return { first, last, rows: 1, minId: 1, maxId: 2, minTs: 3, maxTs: 4, crc: 5 };
}

const START = progress.initial(10n, 'dest');

test('a range is pending before it is written, and the offset stays', () => {
  const begun = progress.begin(START, range(12n, 20n));
  assert.equal(begun.committed, 10n);
  assert.deepEqual(begun.pending, [20n]);
});

test('the offset moves to the record after the range when that is durable', () => {
  const landed = progress.land(progress.begin(START, range(12n, 20n)), range(12n, 20n), 99);
  assert.equal(landed.committed, 21n);
  assert.deepEqual(landed.pending, []);
  assert.deepEqual(landed.landed, { ...range(12n, 20n), at: 99 });
  assert.deepEqual([landed.since, landed.dest], [10n, 'dest']);
});

test('of several ranges the oldest lands first, and the others stay pending', () => {
  const both = progress.begin(progress.begin(START, range(10n, 20n)), range(21n, 30n));
  assert.deepEqual(both.pending, [20n, 30n]);
  assert.deepEqual(progress.land(both, range(10n, 20n), 1).pending, [30n]);
  assert.throws(() => progress.land(both, range(21n, 30n), 1), /out of order/);
});

test('a range cannot begin inside another, or below the commit', () => {
  assert.throws(() => progress.begin(START, range(9n, 20n)), /inside another/);
  const begun = progress.begin(START, range(10n, 20n));
  assert.throws(() => progress.begin(begun, range(20n, 30n)), /inside another/);
});

test('a range of which a record cannot land is pending as two, whatever else is pending', () => {
  const both = progress.begin(progress.begin(START, range(10n, 20n)), range(21n, 30n));
  assert.deepEqual(progress.split(both, range(10n, 20n), 14n).pending, [14n, 20n, 30n]);
  assert.deepEqual(progress.split(both, range(21n, 30n), 25n).pending, [20n, 25n, 30n]);
  for (const at of [9n, 20n, 21n]) {
    assert.throws(() => progress.split(both, range(10n, 20n), at), /outside of itself/);
  }
  assert.throws(() => progress.split(both, range(10n, 25n), 14n), /not pending/);
});

test('the offset moves over a record that is in quarantine, and the commit says so ever after', () => {
  const begun = progress.begin(START, range(12n, 20n));
  const once = progress.quarantine(begun, 12n);
  assert.deepEqual(once, {
    ...begun,
    committed: 13n,
    quarantined: { count: 1, first: 12n, last: 12n },
  });
  const twice = progress.quarantine(once, 20n);
  assert.deepEqual([twice.committed, twice.pending], [21n, []]);
  const landed = progress.land(progress.begin(twice, range(21n, 30n)), range(21n, 30n), 99);
  const { quarantined } = progress.skipTail(landed, 35n);
  assert.deepEqual(quarantined, { count: 2, first: 12n, last: 20n });
});

test('a record is put aside in its turn only', () => {
  const begun = progress.begin(START, range(12n, 20n));
  assert.throws(() => progress.quarantine(begun, 21n), /out of order/);
  assert.throws(() => progress.quarantine(begun, 9n), /twice/);
});

test('what was put aside is released as a whole, and nothing else changes', () => {
  const kept = progress.quarantine(START, 12n);
  assert.deepEqual(progress.release(kept), { ...START, committed: 13n });
});

test('what others have left is said with the first commit, and ever after', () => {
  const beside = progress.beside(START, 77);
  assert.deepEqual(beside, { ...START, heldUpTo: 77 });
  const begun = progress.begin(beside, range(12n, 20n));
  const split = progress.split(begun, range(12n, 20n), 15n);
  const landed = progress.land(split, range(12n, 15n), 99);
  const kept = progress.quarantine(landed, 16n);
  const last = progress.land(kept, range(17n, 20n), 99);
  const all = [begun, split, landed, kept, last, progress.release(last)];
  for (const one of [...all, progress.skipTail(last, 25n)]) assert.equal(one.heldUpTo, 77);
  for (const late of [begun, last]) assert.throws(() => progress.beside(late, 78), /late/);
});

test('a tail is skipped with everything that the commit said repeated', () => {
  const landed = progress.land(progress.begin(START, range(10n, 20n)), range(10n, 20n), 99);
  assert.deepEqual(progress.skipTail(landed, 25n), { ...landed, committed: 25n });
});

test('a tail is not skipped over what is pending, and never backwards', () => {
  const begun = progress.begin(START, range(10n, 20n));
  assert.throws(() => progress.skipTail(begun, 25n), /while ranges are pending/);
  assert.throws(() => progress.skipTail(START, 10n), /backwards/);
});
