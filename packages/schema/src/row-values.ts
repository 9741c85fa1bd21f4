/** An integer of 1 to 4 bytes, little-endian, as row images hold it. */
export function readInteger(
  bytes: Uint8Array,
  at: number,
  width: number,
  unsigned: boolean,
): number {
  switch (width) {
    case 1:
      return unsigned ? bytes[at]! : (bytes[at]! << 24) >> 24;
    case 2: {
      const value = bytes[at]! | (bytes[at + 1]! << 8);
      return unsigned ? value : (value << 16) >> 16;
    }
    case 3: {
      const value = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
      return unsigned ? value : (value << 8) >> 8;
    }
    default: {
      const value =
        bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      return unsigned ? value >>> 0 : value;
    }
  }
}

const single = new Float32Array(1);
const singleBytes = new Uint8Array(single.buffer);
const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

/** Copies a double's bits, or widens a float's, which is exact. Returns the position after it. */
export function writeDouble(
  source: Uint8Array,
  from: number,
  width: number,
  target: Uint8Array,
  at: number,
): number {
  if (width === 8) {
    for (let i = 0; i < 8; i++) target[at + i] = source[from + i]!;
    return at + 8;
  }
  for (let i = 0; i < 4; i++) singleBytes[i] = source[from + i]!;
  double[0] = single[0]!;
  for (let i = 0; i < 8; i++) target[at + i] = doubleBytes[i]!;
  return at + 8;
}
