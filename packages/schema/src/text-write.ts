/** ASCII that is written where it belongs, without a string for each value. Each returns the position after it. */

const ZERO = 0x30;
const MINUS = 0x2d;
const HEX = Buffer.from('0123456789ABCDEF', 'latin1');
const MILLION = 1_000_000;

/** The last `width` digits of a non-negative safe integer. */
export function writeDigits(target: Uint8Array, at: number, value: number, width: number): number {
  let rest = value;
  for (let i = at + width - 1; i >= at; i--) {
    const tenth = Math.floor(rest / 10);
    target[i] = ZERO + (rest - tenth * 10);
    rest = tenth;
  }
  return at + width;
}

/** A non-negative safe integer. */
export function writeUnsigned(target: Uint8Array, at: number, value: number): number {
  let width = 1;
  for (let limit = 10; value >= limit; limit *= 10) width++;
  return writeDigits(target, at, value, width);
}

/** An integer of 64 bits, in halves of 32 bits without a sign. */
export function writeUnsigned64(target: Uint8Array, at: number, high: number, low: number): number {
  if (high < 0x20_0000) return writeUnsigned(target, at, high * 0x1_0000_0000 + low);
  // Each part stays below 2^53.
  const rest = (high % MILLION) * 0x1_0000_0000 + low;
  const millions = Math.floor(high / MILLION) * 0x1_0000_0000 + Math.floor(rest / MILLION);
  return writeDigits(target, writeUnsigned(target, at, millions), rest % MILLION, 6);
}

/** The same of a two's complement. */
export function writeSigned64(target: Uint8Array, at: number, high: number, low: number): number {
  if (high < 0x8000_0000) return writeUnsigned64(target, at, high, low);
  target[at] = MINUS;
  const negated = -low >>> 0;
  return writeUnsigned64(target, at + 1, (~high + (low === 0 ? 1 : 0)) >>> 0, negated);
}

export function writeSigned(target: Uint8Array, at: number, value: number): number {
  if (value >= 0) return writeUnsigned(target, at, value);
  target[at] = MINUS;
  return writeUnsigned(target, at + 1, -value);
}

/** `2026-01-31`, possible or not. */
export function writeDate(
  target: Uint8Array,
  at: number,
  year: number,
  month: number,
  day: number,
): number {
  let w = writeDigits(target, at, year, 4);
  target[w++] = MINUS;
  w = writeDigits(target, w, month, 2);
  target[w++] = MINUS;
  return writeDigits(target, w, day, 2);
}

/** `12:00:00`, with six more digits where it has a fraction. Hours may be more than a day's. */
export function writeTime(
  target: Uint8Array,
  at: number,
  hour: number,
  minute: number,
  second: number,
  micros: number,
): number {
  let w = hour < 100 ? writeDigits(target, at, hour, 2) : writeUnsigned(target, at, hour);
  target[w++] = 0x3a;
  w = writeDigits(target, w, minute, 2);
  target[w++] = 0x3a;
  w = writeDigits(target, w, second, 2);
  if (micros === 0) return w;
  target[w++] = 0x2e;
  return writeDigits(target, w, micros, 6);
}

/** The shortest text that reads as the same double, as JavaScript writes it, but for the sign of zero. */
export function writeDoubleText(target: Buffer, at: number, value: number): number {
  return at + target.write(Object.is(value, -0) ? '-0' : String(value), at, 'latin1');
}

/** The shortest text that reads as the same float. */
export function writeFloatText(target: Buffer, at: number, value: number): number {
  // `toPrecision` drops the sign of zero.
  if (value === 0) return writeDoubleText(target, at, value);
  for (let digits = 1; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return writeDoubleText(target, at, shorter);
  }
  return writeDoubleText(target, at, Number(value.toPrecision(9)));
}

/** As HEX() does. */
export function writeHex(
  target: Uint8Array,
  at: number,
  source: Uint8Array,
  from: number,
  length: number,
): number {
  for (let i = 0; i < length; i++) {
    const byte = source[from + i]!;
    target[at + 2 * i] = HEX[byte >> 4]!;
    target[at + 2 * i + 1] = HEX[byte & 15]!;
  }
  return at + 2 * length;
}
