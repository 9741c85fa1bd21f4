import { DIGITS_BYTES } from './column-extent.ts';
import { writeDigits, writeUnsigned } from './text-write.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const GROUP = 9;

/**
 * The text of a decimal in a row image (decimal2bin in MySQL's decimal.cc): groups of up to nine digits,
 * big-endian, the first bit turned over, and all of them where it is negative. Returns the position after
 * it, or -1.
 */
export function writeDecimal(
  source: Uint8Array,
  at: number,
  precision: number,
  decimals: number,
  target: Uint8Array,
  to: number,
): number {
  const isNegative = (source[at]! & 0x80) === 0;
  const mask = isNegative ? 0xff : 0;
  let p = at;
  let w = to;
  if (isNegative) target[w++] = MINUS;
  const first = w;
  const whole = precision - decimals;
  for (
    let digits = whole % GROUP || GROUP, left = whole;
    left > 0;
    left -= digits, digits = GROUP
  ) {
    const value = readGroup(source, p, DIGITS_BYTES[digits]!, mask, p === at);
    if (value >= 10 ** digits) return -1;
    p += DIGITS_BYTES[digits]!;
    if (w > first) w = writeDigits(target, w, value, digits);
    else if (value > 0) w = writeUnsigned(target, w, value);
  }
  if (w === first) target[w++] = ZERO;
  if (decimals > 0) target[w++] = 0x2e;
  for (let left = decimals; left > 0; left -= GROUP) {
    const digits = Math.min(left, GROUP);
    const value = readGroup(source, p, DIGITS_BYTES[digits]!, mask, p === at);
    if (value >= 10 ** digits) return -1;
    p += DIGITS_BYTES[digits]!;
    w = writeDigits(target, w, value, digits);
  }
  return w;
}

function readGroup(
  source: Uint8Array,
  at: number,
  width: number,
  mask: number,
  isFirst: boolean,
): number {
  let value = source[at]! ^ mask ^ (isFirst ? 0x80 : 0);
  for (let p = at + 1; p < at + width; p++) value = value * 256 + (source[p]! ^ mask);
  return value;
}

/** The same of the text that a result has, which the server fills up with zeros for ZEROFILL. */
export function copyDecimal(
  source: Uint8Array,
  at: number,
  length: number,
  target: Uint8Array,
  to: number,
): number {
  const end = at + length;
  let p = at;
  let w = to;
  if (source[p] === MINUS) target[w++] = source[p++]!;
  while (p + 1 < end && source[p] === ZERO && source[p + 1]! >= ZERO) p++;
  while (p < end) target[w++] = source[p++]!;
  return w;
}
