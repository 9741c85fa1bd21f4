import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { civilDate } from './temporal.ts';
import {
  writeDigits,
  writeDoubleText,
  writeFloatText,
  writeHex,
  writeSigned64,
  writeTime,
  writeUnsigned64,
} from './text-write.ts';

const target = Buffer.alloc(100, '#');

function written(end: number): string {
  return target.toString('latin1', 1, end);
}

const halves = (value: bigint): [high: number, low: number] => {
  const bits = BigInt.asUintN(64, value);
  return [Number(bits >> 32n), Number(bits & 0xffff_ffffn)];
};

test('every integer of 64 bits is written as BigInt writes it', () => {
  const edges = [0n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n];
  const check = (value: bigint): void => {
    assert.equal(written(writeUnsigned64(target, 1, ...halves(value))), String(value));
    const signed = BigInt.asIntN(64, value);
    assert.equal(written(writeSigned64(target, 1, ...halves(value))), String(signed));
  };
  for (const value of [...edges, ...edges.map((one) => 2n ** 64n - 1n - one)]) check(value);
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), check), { numRuns: 2000 });
});

test('a number reads back as the same, and no shorter text does', () => {
  const reads = (text: string): number => Math.fround(Number(text));
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = written(writeFloatText(target, 1, value));
      assert.ok(Object.is(reads(text), value), text);
      const digits = text
        .replace(/e.*/, '')
        .replace(/[-.]/g, '')
        .replace(/^0+|0+$/g, '').length;
      if (digits < 2) return;
      assert.notEqual(reads(value.toPrecision(digits - 1)), value, text);
    }),
  );
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.ok(Object.is(Number(written(writeDoubleText(target, 1, value))), value));
    }),
  );
  assert.equal(written(writeFloatText(target, 1, Math.fround(0.1))), '0.1');
  assert.equal(written(writeFloatText(target, 1, 16_777_216)), '16777216');
  assert.equal(written(writeFloatText(target, 1, -0)), '-0');
  assert.equal(written(writeDoubleText(target, 1, -0)), '-0');
});

test('every day has the date that JavaScript gives it', () => {
  for (let day = -719_528; day < 200_000; day += 13) {
    const date = new Date(day * 86_400_000);
    const packed = civilDate(day);
    const parts = [packed >> 9, (packed >> 5) & 15, packed & 31];
    assert.deepEqual(parts, [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]);
  }
});

test('times have two digits of everything, more of hours that need them, and a fraction if any', () => {
  assert.equal(written(writeTime(target, 1, 1, 2, 3, 0)), '01:02:03');
  assert.equal(written(writeTime(target, 1, 838, 59, 59, 10)), '838:59:59.000010');
  assert.equal(written(writeDigits(target, 1, 12_345, 3)), '345');
});

test('hex is that of Buffer, in capitals', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const end = writeHex(target, 1, Buffer.concat([Buffer.from('xy'), bytes]), 2, bytes.length);
      assert.equal(written(end), Buffer.from(bytes).toString('hex').toUpperCase());
    }),
  );
});
