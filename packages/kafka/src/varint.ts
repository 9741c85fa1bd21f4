/** Zigzag varints of record fields: safe integers, written without BigInt. */

/** Writes `value` at `at` and returns the position after it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let position = at;
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  while (rest >= 128) {
    bytes[position++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  bytes[position++] = rest;
  return position;
}

/** How many bytes `writeVarint` takes. */
export function varintLength(value: number): number {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  let length = 1;
  while (rest >= 128) {
    rest = Math.floor(rest / 128);
    length++;
  }
  return length;
}
