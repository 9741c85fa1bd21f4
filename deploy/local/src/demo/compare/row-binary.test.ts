import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RowBinary } from './row-binary.ts';

/** Rows of UInt32, Nullable(String), Float64, Nullable(Int64). */
const BYTES = Buffer.concat(
  [-5, 2 ** 40].map((value) => {
    const text = Buffer.from('ü'.repeat(100));
    const bytes = Buffer.alloc(4 + 3 + 8 + 9);
    bytes.writeUInt32LE(0xffff_fffe, 0);
    bytes.set([0, 0xc8, 0x01], 4);
    bytes.writeDoubleLE(0.1, 7);
    bytes.writeBigInt64LE(BigInt(value), 16);
    return Buffer.concat([bytes.subarray(0, 7), text, bytes.subarray(7)]);
  }),
);

test('rows come out whole, wherever the chunks are cut', () => {
  for (const size of [1, 3, 100, BYTES.length]) {
    const rows: unknown[] = [];
    const input = new RowBinary();
    for (let at = 0; at < BYTES.length; at += size) {
      input.take(BYTES.subarray(at, at + size), () => {
        const columns = [input.uint32(), input.nullable(() => input.string()), input.float64()];
        rows.push([...columns, input.nullable(() => input.int64())]);
      });
    }
    const text = 'ü'.repeat(100);
    const expected = [-5, 2 ** 40].map((value) => [0xffff_fffe, text, 0.1, value]);
    assert.deepEqual(rows, expected);
    assert.equal(input.left, 0);
  }
});

test('a map has its entries in their order, wherever the chunks are cut', () => {
  const bytes = Buffer.from([2, 1, 0x62, 2, 0xc3, 0xbc, 1, 0x61, 0, 0]);
  for (const size of [1, 4, bytes.length]) {
    const maps: unknown[] = [];
    const input = new RowBinary();
    for (let at = 0; at < bytes.length; at += size) {
      input.take(bytes.subarray(at, at + size), () => maps.push(input.map()));
    }
    const entries = [
      ['b', 'ü'],
      ['a', ''],
    ];
    assert.deepEqual(maps, [entries, []]);
  }
});

test('an integer that a double cannot hold is refused', () => {
  const input = new RowBinary();
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(2n ** 53n, 0);
  assert.throws(() => input.take(bytes, () => input.int64()), /beyond 2\^53/);
});
