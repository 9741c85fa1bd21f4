import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { CLOSE, type CutOptions, RangeCut, SKIP, TAKE } from './range-cut.ts';

const OPTIONS: CutOptions = { start: 10, end: null, rows: 3, bytes: 100, where: 't[0]' };

function cutOf(options: Partial<CutOptions> = {}): RangeCut {
  return new RangeCut({ ...OPTIONS, ...options });
}

test('records below the committed offset are skipped: a batch may begin before it', () => {
  const cut = cutOf();
  assert.equal(cut.next(8, 1, 10), SKIP);
  assert.equal(cut.next(9, 1, 10), SKIP);
  assert.equal(cut.next(12, 1, 10), TAKE);
  assert.deepEqual([cut.first, cut.last, cut.rows, cut.bytes], [12, 12, 1, 10]);
});

test('a record that comes twice is taken once', () => {
  const cut = cutOf();
  assert.equal(cut.next(12, 1, 10), TAKE);
  assert.equal(cut.next(12, 1, 10), SKIP);
  assert.equal(cut.next(11, 1, 10), SKIP);
  assert.equal(cut.next(13, 1, 10), TAKE);
  assert.equal(cut.rows, 2);
});

test('a range ends with its rows', () => {
  const cut = cutOf();
  for (const offset of [10, 11, 15]) assert.equal(cut.next(offset, 1, 1), TAKE);
  assert.ok(cut.full);
  assert.equal(cut.next(16, 1, 1), CLOSE);
  assert.equal(cut.last, 15);
});

test('a range ends with its bytes, after the record that reaches them', () => {
  const cut = cutOf({ bytes: 25 });
  assert.equal(cut.next(10, 1, 20), TAKE);
  assert.equal(cut.full, false);
  assert.equal(cut.next(11, 1, 20), TAKE);
  assert.ok(cut.full);
});

test('a range has one writer schema', () => {
  const cut = cutOf();
  assert.equal(cut.next(10, 7, 1), TAKE);
  assert.equal(cut.next(11, 8, 1), CLOSE);
  assert.deepEqual([cut.rows, cut.schemaId], [1, 7]);
});

test('a pending range is made again exactly, whatever the limits are now', () => {
  const cut = cutOf({ end: 20, rows: 1, bytes: 1 });
  for (const offset of [11, 14, 17]) assert.equal(cut.next(offset, 1, 50), TAKE);
  assert.equal(cut.full, false);
  cut.lookedAt(18);
  assert.equal(cut.next(20, 1, 50), TAKE);
  assert.ok(cut.full);
  cut.lookedAt(21);
  assert.equal(cut.next(21, 1, 50), CLOSE);
});

test('a pending range whose last record is not there stops', () => {
  const code = 'pending-range-changed';
  const cut = cutOf({ end: 20 });
  cut.next(11, 1, 1);
  assert.throws(() => cut.next(21, 1, 1), { code });
  assert.throws(() => cut.lookedAt(21), { code });
});

test('a pending range in which the schema changes stops', () => {
  const cut = cutOf({ end: 20 });
  cut.next(11, 1, 1);
  assert.throws(() => cut.next(12, 2, 1), { code: 'pending-range-changed' });
});

test('a record that turns out not to be one is taken out again', () => {
  const cut = cutOf({ bytes: 25 });
  assert.equal(cut.next(10, 1, 20), TAKE);
  assert.equal(cut.next(12, 1, 20), TAKE);
  cut.drop();
  assert.deepEqual([cut.first, cut.last, cut.rows, cut.bytes], [10, 10, 1, 20]);
  const empty = cutOf();
  empty.next(10, 1, 20);
  empty.drop();
  assert.deepEqual([empty.first, empty.last, empty.rows, empty.bytes], [-1, -1, 0, 0]);
});

test('however records are cut, every one at or above the start is in one range, and limits hold', () => {
  const records = fc.uniqueArray(fc.nat(300), { minLength: 1 }).chain((offsets) =>
    fc.tuple(
      fc.constant(offsets.toSorted((a, b) => a - b)),
      fc.array(fc.record({ schema: fc.nat(1), bytes: fc.integer({ min: 1, max: 40 }) }), {
        minLength: offsets.length,
        maxLength: offsets.length,
      }),
    ),
  );
  fc.assert(
    fc.property(records, fc.nat(100), ([offsets, kinds], start) => {
      const options = { ...OPTIONS, rows: 5, bytes: 90 };
      const taken: number[] = [];
      let cut = new RangeCut({ ...options, start });
      for (const [i, offset] of offsets.entries()) {
        const { schema, bytes } = kinds[i]!;
        let decision = cut.next(offset, schema, bytes);
        if (decision === CLOSE) {
          assert.ok(cut.rows > 0, 'no range is empty');
          cut = new RangeCut({ ...options, start: cut.last + 1 });
          decision = cut.next(offset, schema, bytes);
          assert.equal(decision, TAKE);
        }
        assert.equal(decision, offset < start ? SKIP : TAKE);
        if (decision === TAKE) taken.push(offset);
        assert.ok(cut.rows <= 5 && cut.bytes < 90 + 40);
      }
      assert.deepEqual(
        taken,
        offsets.filter((offset) => offset >= start),
      );
    }),
  );
});
