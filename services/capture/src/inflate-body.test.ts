import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';

import fc from 'fast-check';

import { CompressionError } from './compression.ts';
import { inflateBody } from './inflate-body.ts';
import { deflateBody } from './testing/compressed.ts';

const refused =
  (code: string, message: RegExp) =>
  (error: unknown): boolean =>
    error instanceof CompressionError && error.code === code && message.test(error.message);

const inflated = (body: Buffer): Buffer => inflateBody(body, 0, body.length);

/** A body whose length is said to be `length`. */
function saying(length: number, content: Buffer): Buffer {
  const head = Buffer.alloc(5, 0x84);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, zlib.deflateSync(content)]);
}

test('what was compressed comes back, wherever it stands', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(9), fc.nat(9), (bytes, before, behind) => {
      const body = deflateBody(Buffer.from(bytes));
      const event = Buffer.concat([Buffer.alloc(before, 7), body, Buffer.alloc(behind, 7)]);
      assert.deepEqual(inflateBody(event, before, before + body.length), Buffer.from(bytes));
    }),
  );
});

test('a length has one byte to four', () => {
  for (const length of [1, 255, 256, 65_535, 65_536, 2 ** 24]) {
    const content = Buffer.alloc(length, 'scoreline');
    assert.ok(inflated(deflateBody(content)).equals(content), `${length}`);
  }
  const content = Buffer.from('four bytes for a small number');
  assert.deepEqual(inflated(saying(content.length, content)), content);
});

test('a body that ends anywhere before its end is damaged', () => {
  const body = deflateBody(Buffer.from('a body that ends anywhere before its end is damaged'));
  for (let end = 0; end < body.length; end++) {
    assert.throws(() => inflateBody(body, 0, end), refused('binlog-damaged', /cannot be restored/));
  }
});

test('a body of another length than it says is damaged', () => {
  const content = Buffer.alloc(500, 'ab');
  assert.throws(() => inflated(saying(501, content)), refused('binlog-damaged', /501 .* 500$/));
  assert.throws(() => inflated(saying(499, content)), refused('binlog-damaged', /499 bytes/));
  assert.throws(() => inflated(saying(0, content)), refused('binlog-damaged', /0 bytes/));
});

test('a bomb is not inflated: neither one that says so, nor one that does not', () => {
  const content = Buffer.alloc(100 * 1024 * 1024);
  assert.throws(() => inflated(deflateBody(content)), refused('event-too-large', /104857600/));
  const before = process.memoryUsage().arrayBuffers;
  assert.throws(() => inflated(saying(1_000, content)), refused('binlog-damaged', /1000 bytes/));
  assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
});

test('another algorithm, or no compression, is not guessed at', () => {
  const body = deflateBody(Buffer.from('scoreline'));
  for (const head of [0x00, 0x01, 0x80, 0x85, 0x87, 0x91, 0x89, 0xff]) {
    const other = Buffer.from(body);
    other[0] = head;
    assert.throws(() => inflated(other), refused('binlog-damaged', /begins with/));
  }
});
