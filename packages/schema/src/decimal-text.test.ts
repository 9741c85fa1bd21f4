import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { writeDecimal } from './decimal-text.ts';

/** As MySQL's decimal2bin. */
function packed(digits: string, decimals: number, isNegative: boolean): Buffer {
  const bytes: number[] = [];
  const group = (text: string): void => {
    const width = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4][text.length]!;
    for (let i = width - 1; i >= 0; i--) bytes.push(Math.floor(Number(text) / 256 ** i) % 256);
  };
  const cut = digits.length - decimals;
  const first = cut % 9;
  if (first > 0) group(digits.slice(0, first));
  for (let at = first; at < cut; at += 9) group(digits.slice(at, at + 9));
  for (let at = cut; at < digits.length; at += 9) group(digits.slice(at, at + 9));
  bytes[0]! ^= 0x80;
  return Buffer.from(isNegative ? bytes.map((byte) => byte ^ 0xff) : bytes);
}

test('every decimal is the text that was packed', () => {
  const any = fc
    .record({
      digits: fc.stringMatching(/^[0-9]{1,65}$/),
      decimals: fc.nat({ max: 30 }),
      isNegative: fc.boolean(),
    })
    .filter(({ digits, decimals }) => decimals <= digits.length);
  fc.assert(
    fc.property(any, ({ digits, decimals, isNegative }) => {
      const target = Buffer.alloc(80);
      const image = Buffer.concat([Buffer.from('<'), packed(digits, decimals, isNegative)]);
      const end = writeDecimal(image, 1, digits.length, decimals, target, 0);
      const cut = digits.length - decimals;
      const whole = digits.slice(0, cut).replace(/^0+/, '') || '0';
      const fraction = decimals === 0 ? '' : `.${digits.slice(cut)}`;
      const text = `${isNegative ? '-' : ''}${whole}${fraction}`;
      assert.equal(target.toString('latin1', 0, end), text);
    }),
    { numRuns: 2000 },
  );
});
