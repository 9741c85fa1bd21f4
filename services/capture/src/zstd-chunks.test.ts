import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';

import { CompressionError } from './compression.ts';
import { zstdFrame } from './testing/compressed.ts';
import { zstdContent } from './testing/zstd-content.ts';
import { SAMPLES } from './testing/zstd-samples.ts';
import { zstdChunks } from './zstd-chunks.ts';

const BLOCK_BYTES = 128 * 1024;

const refused =
  (code: string, message: RegExp) =>
  (error: unknown): boolean =>
    error instanceof CompressionError && error.code === code && message.test(error.message);

function decompressed(data: Buffer): Buffer {
  const chunks = [...zstdChunks(data)];
  for (const { length } of chunks) assert.ok(length > 0 && length <= BLOCK_BYTES, `${length}`);
  return Buffer.concat(chunks);
}

for (const { what, content, compressed } of SAMPLES) {
  test(`zstd's own output comes back: ${what}`, () => {
    assert.ok(decompressed(compressed).equals(content));
  });
}

test('frames behind one another give one stream, also empty ones', () => {
  const [first, second] = SAMPLES;
  const all = [first!, second!, first!];
  const empty = zstdFrame(Buffer.of());
  const data = Buffer.concat([empty, ...all.map(({ compressed }) => compressed), empty]);
  assert.ok(decompressed(data).equals(Buffer.concat(all.map(({ content }) => content))));
  assert.deepEqual(decompressed(Buffer.of()), Buffer.of());
});

test('data that ends anywhere before its end is damaged', () => {
  const frame = zstdFrame(zstdContent(300), 90);
  const sample = SAMPLES.at(-1)!.compressed;
  for (const data of [frame, sample]) {
    for (let end = 1; end < data.length; end++) {
      const cut = (): Buffer => decompressed(data.subarray(0, end));
      assert.throws(cut, refused('binlog-damaged', /cut short/), `${end} of ${data.length}`);
    }
  }
});

test('what is not zstd, or needs what we do not have, is damaged', () => {
  const frame = zstdFrame(zstdContent(300));
  const changed = (at: number, value: number): Buffer => {
    const other = Buffer.from(frame);
    other[at] = value;
    return other;
  };
  const damaged = (data: Buffer, message: RegExp): void => {
    assert.throws(() => decompressed(data), refused('binlog-damaged', message));
  };
  damaged(changed(0, 0), /not zstd/);
  damaged(changed(4, 0x08), /not zstd/);
  damaged(changed(4, 0x01), /dictionary/);
  damaged(changed(6, 0x07), /unknown type/);
  damaged(changed(8, 0x10), /a block of 131\d\d\d bytes/);
  damaged(Buffer.concat([frame, Buffer.alloc(9)]), /not zstd/);
  damaged(zlib.deflateSync(frame), /not zstd/);
});

test('a window that would need too much memory is refused before any is taken', () => {
  const frame = zstdFrame(zstdContent(300));
  frame[5] = 15 << 3;
  assert.ok(decompressed(frame).equals(zstdContent(300)), '32 MiB, as level 20 has');
  frame[5] = (15 << 3) | 1;
  assert.throws(() => decompressed(frame), refused('event-too-large', /window of 37748736 bytes/));
  const single = Buffer.from('28b52ffda0ffffff7f010000', 'hex');
  assert.throws(() => decompressed(single), refused('event-too-large', /window of 2147483647/));
  const vast = Buffer.from('28b52ffde0ffffffffffff0000010000', 'hex');
  assert.throws(() => decompressed(vast), refused('event-too-large', /window/));
});

test('a little that becomes much is decompressed block by block, as it is asked for', () => {
  const block = (type: number): Buffer => {
    const run = Buffer.alloc(4);
    run.writeUIntLE((BLOCK_BYTES << 3) | (type << 1), 0, 3);
    return run;
  };
  const frame = zstdFrame(Buffer.of());
  // 4 KiB that make 128 MiB, and what is no block.
  const runs = Array.from({ length: 1_024 }, () => block(1));
  const chunks = zstdChunks(Buffer.concat([frame.subarray(0, 6), ...runs, block(3)]));
  for (let i = 0; i < 1_024; i++) assert.equal(chunks.next().value?.length, BLOCK_BYTES);
  assert.throws(() => chunks.next(), refused('binlog-damaged', /unknown type/));
});
