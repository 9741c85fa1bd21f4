import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { crc32c, crc32cCombine } from './crc32c.ts';

// RFC 3720, appendix B.4, and the check value of the CRC catalogue.
for (const [what, bytes, expected] of [
  ['32 bytes of zeroes', Buffer.alloc(32), 0x8a9136aa],
  ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['32 rising bytes', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
  ['32 falling bytes', Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c],
  ['123456789', Buffer.from('123456789'), 0xe3069283],
  ['nothing', Buffer.alloc(0), 0],
] as const) {
  test(`CRC32C of ${what} is as published`, () => {
    assert.equal(crc32c(bytes), expected);
  });
}

function bitByBit(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

test('any part of any bytes has the CRC32C that is computed bit by bit', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), fc.nat(), (bytes, a, b) => {
      const start = a % (bytes.length + 1);
      const end = start + (b % (bytes.length - start + 1));
      assert.equal(crc32c(bytes, start, end), bitByBit(bytes.subarray(start, end)));
    }),
  );
});

test('a CRC32C goes on where another ended', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      assert.equal(crc32c(b, 0, b.length, crc32c(a)), bitByBit(Buffer.concat([a, b])));
    }),
  );
});

test('many bytes, which go to native code, have the CRC32C that is computed bit by bit', () => {
  const length = fc.integer({ min: 500, max: 5000 });
  fc.assert(
    fc.property(length, fc.nat(20), fc.nat(), fc.uint8Array(), (many, start, seed, before) => {
      const bytes = Buffer.alloc(start + many + 5);
      for (let i = 0; i < bytes.length; i++) bytes[i] = Math.imul(i + seed, 2_654_435_761) >>> 13;
      const part = bytes.subarray(start, start + many);
      assert.equal(crc32c(bytes, start, start + many), bitByBit(part));
      assert.equal(
        crc32c(bytes, start, start + many, crc32c(before)),
        bitByBit(Buffer.concat([before, part])),
      );
    }),
    { numRuns: 50 },
  );
});

test('CRC32Cs of two pieces become that of both', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      const both = crc32cCombine(crc32c(a), crc32c(b), b.length);
      assert.equal(both, bitByBit(Buffer.concat([a, b])));
    }),
  );
});

test('CRC32Cs are put together also where the second piece has gigabytes', () => {
  const before = crc32c(Buffer.from('before'));
  let length = 1 << 20;
  let zeroes = crc32c(Buffer.alloc(length));
  for (; length < 2 ** 36; length *= 2) {
    const twice = crc32cCombine(zeroes, zeroes, length);
    const oneByOne = crc32cCombine(crc32cCombine(before, zeroes, length), zeroes, length);
    assert.equal(crc32cCombine(before, twice, 2 * length), oneByOne);
    zeroes = twice;
  }
});
