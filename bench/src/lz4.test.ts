import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decompressLz4 } from './lz4.ts';

/** A frame of independent blocks of at most 64 KB, as Kafka's Java client writes it. */
function frame(...blocks: readonly { data: Buffer; stored?: boolean }[]): Buffer {
  const parts = blocks.flatMap(({ data, stored }) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(data.length + (stored === true ? 0x80000000 : 0));
    return [size, data];
  });
  return Buffer.concat([
    Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]),
    ...parts,
    Buffer.alloc(4),
  ]);
}

test('literals, matches that overlap themselves, and long lengths', () => {
  // 2 literals "ab", a match of 4 + 15 + 255 + 3 at distance 2, then 1 literal.
  const block = Buffer.from([0x2f, 0x61, 0x62, 2, 0, 255, 3, 0x10, 0x21]);
  const matched = 4 + 15 + 255 + 3;
  assert.equal(
    decompressLz4(frame({ data: block })).toString(),
    `${'ab'.repeat(200).slice(0, 2 + matched)}!`,
  );
});

test('blocks are put one behind the other, compressed or stored', () => {
  const stored = Buffer.alloc(60_000, 'x');
  const out = decompressLz4(
    frame(
      { data: stored, stored: true },
      { data: Buffer.from([0x30, 0x31, 0x32, 0x33]) },
      { data: stored, stored: true },
    ),
  );
  assert.equal(out.toString(), `${'x'.repeat(60_000)}123${'x'.repeat(60_000)}`);
});

test('damage is refused', () => {
  assert.throws(() => decompressLz4(Buffer.from('no frame at all')), /not an LZ4 frame/);
  const before = Buffer.from([0x10, 0x61, 9, 0]);
  assert.throws(() => decompressLz4(frame({ data: before })), /begins before/);
  const short = frame({ data: Buffer.from([0x30, 0x31, 0x32, 0x33]) }).subarray(0, 13);
  assert.throws(() => decompressLz4(short), /beyond its frame/);
});
