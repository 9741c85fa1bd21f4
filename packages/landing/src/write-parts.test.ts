import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { writeParts } from './write-parts.ts';

/** A file whose system takes at most so many bytes at a time. */
function slowFile(most: readonly number[]) {
  const bytes = Buffer.alloc(1000, 0xee);
  let calls = 0;
  return {
    bytes,
    get calls() {
      return calls;
    },
    writev: (parts: readonly Uint8Array[], position: number) => {
      const all = Buffer.concat(parts);
      const taken = all.subarray(0, most[calls++ % most.length]);
      taken.copy(bytes, position);
      return Promise.resolve({ bytesWritten: taken.length });
    },
  };
}

test('parts follow each other where they were told to, however little is taken at a time', async () => {
  const someParts = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 6 });
  const someMost = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(someParts, someMost, fc.nat(100), async (parts, most, position) => {
      const file = slowFile(most);
      const whole = Buffer.concat(parts);
      assert.equal(await writeParts(file, parts, position), position + whole.length);
      assert.deepEqual(file.bytes.subarray(position, position + whole.length), whole);
      assert.ok(file.bytes.subarray(0, position).every((byte) => byte === 0xee));
      assert.ok(file.bytes.subarray(position + whole.length).every((byte) => byte === 0xee));
    }),
  );
});

test('what is taken at once is one call, and nothing is none', async () => {
  const file = slowFile([1000]);
  await writeParts(file, [Buffer.alloc(3), Buffer.alloc(0), Buffer.alloc(4)], 0);
  assert.equal(file.calls, 1);
  await writeParts(file, [Buffer.alloc(0)], 0);
  assert.equal(file.calls, 1);
});
