import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';

import fc from 'fast-check';

import { BUCKET_IDS, IdBits } from './id-bits.ts';

const low = fc.integer({ min: 0, max: BUCKET_IDS - 1 });

test('what was added is there after it was written and read, and nothing else', () => {
  fc.assert(
    fc.property(fc.uniqueArray(low, { maxLength: 300 }), (lows) => {
      const bits = new IdBits();
      for (const one of lows) assert.ok(bits.add(one));
      for (const one of lows) assert.equal(bits.add(one), false);
      const read = IdBits.decode(bits.count, bits.encode());
      assert.deepEqual(
        [...read],
        lows.toSorted((a, b) => a - b),
      );
      assert.equal(read.count, lows.length);
    }),
    { numRuns: 30 },
  );
});

test('a dense bucket takes a few bytes', () => {
  const bits = new IdBits();
  for (let one = 0; one < 40_000; one++) bits.add(one);
  assert.ok(bits.encode().length < 100, `${bits.encode().length} bytes`);
});

for (const [what, count, bytes, message] of [
  ['no bytes for some ids', 5, Buffer.alloc(0), /cannot be inflated/],
  ['bytes that are not deflated', 5, Buffer.from('no'), /cannot be inflated/],
  ['a bitmap that is too short', 8, deflateRawSync(Buffer.from([255])), /1 bytes, not 8192/],
  ['a bitmap that is too long', 8, deflateRawSync(Buffer.alloc(8193)), /cannot be inflated/],
  ['another count', 1, deflateRawSync(Buffer.alloc(8192, 1)), /8192 ids .* counts 1$/],
  ['a bitmap for none', 0, deflateRawSync(Buffer.alloc(8192)), /0 ids/],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(() => IdBits.decode(count, bytes), message);
  });
}
