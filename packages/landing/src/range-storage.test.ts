import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RangeBuilder } from './range-builder.ts';
import { rangeStorage } from './range-storage.ts';
import { Spool } from './spool.ts';
import { SpooledBuilder } from './spooled-builder.ts';
import { quiet, TEST_LIMITS } from './testing/index.ts';

const LIMITS = { ...TEST_LIMITS, bytes: Number.POSITIVE_INFINITY };
const MEMORY = { bufferBytes: 64_000_000, partitions: 4, spool: null, tenants: () => [] };

test('in memory every partition has an even share, for the range that fills and those in flight', () => {
  const one = rangeStorage({ ...MEMORY, limits: LIMITS });
  assert.equal(one.limits.bytes, 8_000_000);
  assert.ok(one.storage.filler() instanceof RangeBuilder);
  const three = rangeStorage({ ...MEMORY, limits: { ...LIMITS, inFlight: 3 } });
  assert.equal(three.limits.bytes, 4_000_000);
  const small = rangeStorage({ ...MEMORY, limits: { ...LIMITS, bytes: 1000 } });
  assert.equal(small.limits.bytes, 1000, 'what the sink wants, where that is less');
});

test('with a spool the limits are the sink’s own, and memory is for blocks', () => {
  const spool = new Spool({ folder: 'unused', budgetBytes: 1e9, log: quiet });
  // One block that fills, and for each range in flight its last one and one that is read.
  for (const [partitions, inFlight] of [
    [1, 1],
    [24, 2],
    [400, 1],
  ] as const) {
    const limits = { ...LIMITS, inFlight };
    const { limits: own, storage } = rangeStorage({ ...MEMORY, limits, spool, partitions });
    assert.equal(own, limits);
    const filler = storage.filler();
    assert.ok(filler instanceof SpooledBuilder);
    while (!filler.isFull) filler.append(new DataView(new ArrayBuffer(100)), 0, 100, 1, 1);
    const withIndex = filler.byteLength * 1.2;
    const blocks = partitions * (1 + 2 * inFlight);
    assert.ok(withIndex * blocks < 64_000_000, `${blocks} blocks of ${filler.byteLength} bytes`);
    assert.ok(filler.byteLength >= 16_000 && filler.byteLength <= 1_000_100);
  }
});
