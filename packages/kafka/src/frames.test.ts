import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Frames } from './frames.ts';

function frame(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

test('answers come out whole and in order, wherever they were cut, from memory that is used again', () => {
  const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 8 });
  fc.assert(
    fc.property(bodies, fc.array(fc.integer({ min: 1, max: 30 })), (all, cuts) => {
      const came: Buffer[] = [];
      const frames = new Frames((one) => came.push(one));
      const sent = Buffer.concat(all.map(frame));
      for (let at = 0, cut = 0; at < sent.length; cut++) {
        const lent = Buffer.from(sent.subarray(at, at + (cuts[cut] ?? 1)));
        frames.take(lent);
        at += lent.length;
        lent.fill(0xee);
      }
      assert.deepEqual(came, all.map(frame));
    }),
  );
});

test('a large answer takes memory as it comes, not as it is announced', () => {
  const body = Buffer.alloc(40 << 20, 7);
  const came: Buffer[] = [];
  const frames = new Frames((one) => came.push(one));
  const before = process.memoryUsage().arrayBuffers;
  const announced = Buffer.alloc(4);
  announced.writeInt32BE(2 ** 31 - 1);
  new Frames(() => {}).take(announced);
  assert.ok(process.memoryUsage().arrayBuffers - before < 32 << 20);

  const sent = frame(body);
  for (let at = 0; at < sent.length; at += 1 << 20) frames.take(sent.subarray(at, at + (1 << 20)));
  assert.equal(came.length, 1);
  assert.ok(came[0]!.equals(sent));
});

test('a length that no answer has is refused', () => {
  for (const length of [0, -1, -(2 ** 31)]) {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(length);
    assert.throws(() => new Frames(() => {}).take(bytes), /is no broker's/);
  }
});
