import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';

import fc from 'fast-check';

import { crc32, crc32Sliced } from './crc32.ts';

test('any slice of any bytes has the CRC32 that zlib says', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.nat(40), fc.nat(40), (bytes, cut, drop) => {
      const buffer = Buffer.from(bytes);
      const from = Math.min(cut, buffer.length);
      const to = Math.max(from, buffer.length - drop);
      const wanted = zlib.crc32(buffer.subarray(from, to));
      assert.equal(crc32Sliced(buffer, from, to), wanted);
      assert.equal(crc32(buffer, from, to), wanted);
    }),
  );
  assert.equal(crc32Sliced(Buffer.from('123456789'), 0, 9), 0xcbf43926);
});
