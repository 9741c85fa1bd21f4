import { crc32c as native } from '@node-rs/crc32';

/** Castagnoli's polynomial, reversed (RFC 3720, appendix B.4). */
const POLYNOMIAL = 0x82f63b78;

/** Eight tables: eight bytes a step (Kounavis and Berry, "slicing-by-8", 2008). */
const [T0, T1, T2, T3, T4, T5, T6, T7] = tables();

/** From here on the processor's own instruction is worth the way to it. */
const NATIVE_FROM = 512;

/** CRC32C of `bytes[start..end]`, unsigned. `seed` is the CRC of what came before. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, seed = 0): number {
  if (end - start < NATIVE_FROM) return byTables(bytes, start, end, seed);
  return native(bytes.subarray(start, end), seed);
}

/** CRC32C of two pieces, one after the other, from those of each. @param lengthB bytes of the second. */
export function crc32cCombine(a: number, b: number, lengthB: number): number {
  return (multiply(powerOfX(8 * lengthB), a) ^ b) >>> 0;
}

function byTables(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let crc = ~seed;
  let at = start;
  for (; end - at >= 8; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      T7[crc & 255]! ^
      T6[(crc >>> 8) & 255]! ^
      T5[(crc >>> 16) & 255]! ^
      T4[crc >>> 24]! ^
      T3[bytes[at + 4]!]! ^
      T2[bytes[at + 5]!]! ^
      T1[bytes[at + 6]!]! ^
      T0[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ T0[(crc ^ bytes[at]!) & 255]!;
  return ~crc >>> 0;
}

/** Product of two polynomials modulo the CRC's; bit 31 is x^0. */
function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  for (let bit = 31; bit >= 0; bit--) {
    if ((a >>> bit) & 1) product ^= factor;
    factor = factor & 1 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1;
  }
  return product;
}

/** x^n: what a CRC is multiplied by when n zero bits follow. */
function powerOfX(n: number): number {
  let power = 1 << 31;
  let square = 1 << 30;
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = multiply(square, power);
    square = multiply(square, square);
  }
  return power;
}

type Tables = [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

function tables(): Tables {
  const first = new Int32Array(256);
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    first[n] = crc;
  }
  const all = [first];
  for (let k = 1; k < 8; k++) {
    const before = all[k - 1]!;
    all.push(before.map((crc) => (crc >>> 8) ^ first[crc & 255]!));
  }
  return all as Tables;
}
