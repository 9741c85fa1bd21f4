import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readRowsHeader } from './rows-header.ts';
import { POOL_COLUMNS, writeRowsBody } from './testing/row-image.ts';

const V2 = writeRowsBody(0x123456789abc, POOL_COLUMNS, []);
/** Layout 1 is layout 2 without the length of extra data. */
const V1 = Buffer.concat([V2.subarray(0, 8), V2.subarray(10)]);

test('both layouts say the table, the columns and where the rows begin', () => {
  const head = { tableId: 0x123456789abc, columns: 9, allPresent: true };
  assert.deepEqual(readRowsHeader(V2, 0, 30), { ...head, rowsStart: V2.length });
  assert.deepEqual(readRowsHeader(V1, 0, 23), { ...head, rowsStart: V1.length });
  const shifted = Buffer.concat([Buffer.alloc(20), V2]);
  assert.equal(readRowsHeader(shifted, 20, 32).rowsStart, shifted.length);
});

test('extra data is passed over', () => {
  const extra = Buffer.concat([V2.subarray(0, 8), Buffer.from([5, 0, 1, 2, 3]), V2.subarray(10)]);
  assert.equal(readRowsHeader(extra, 0, 30).rowsStart, extra.length);
  assert.equal(readRowsHeader(extra, 0, 30).columns, 9);
});

test('an absent column is seen, wherever it is', () => {
  for (let index = 0; index < 9; index++) {
    const absent = Buffer.from(V2);
    absent[11 + (index >> 3)]! ^= 1 << (index & 7);
    assert.equal(readRowsHeader(absent, 0, 30).allPresent, false);
  }
});

test('bits behind the last column do not count', () => {
  const bits = Buffer.from(V2);
  bits[12] = 1;
  assert.equal(readRowsHeader(bits, 0, 30).allPresent, true);
});

test('an update has two images of a row, and both must be whole', () => {
  const update = Buffer.concat([V2, Buffer.from([0xff, 0xff])]);
  assert.deepEqual(readRowsHeader(update, 0, 31).rowsStart, update.length);
  assert.equal(readRowsHeader(update, 0, 31).allPresent, true);
  update[update.length - 2] = 0xfe;
  assert.equal(readRowsHeader(update, 0, 31).allPresent, false);
});

test('a table of more than 250 columns has a longer count', () => {
  const many = Buffer.concat([
    V2.subarray(0, 10),
    Buffer.from([252, 0x2c, 1]),
    Buffer.alloc(38, 255),
  ]);
  assert.equal(readRowsHeader(many, 0, 30).columns, 300);
  assert.equal(readRowsHeader(many, 0, 30).rowsStart, many.length);
});

test('what is no rows event, compressed, or cut short is refused', () => {
  for (const type of [19, 39, 166, 169])
    assert.throws(() => readRowsHeader(V2, 0, type), RangeError);
  for (let end = 0; end < V2.length; end++) {
    assert.throws(() => readRowsHeader(Buffer.from(V2.subarray(0, end)), 0, 30), RangeError);
  }
});
