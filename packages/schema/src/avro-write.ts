/** Avro's binary encoding of what LogScore needs (https://avro.apache.org/docs/1.11.1/specification/). */

/** Zigzag varint of a safe integer, without BigInt. Returns the position after it. */
export function writeLong(bytes: Uint8Array, at: number, value: number): number {
  let position = at;
  const sign = value < 0 ? 1 : 0;
  const magnitude = sign === 1 ? -value - 1 : value;
  let rest: number;
  if (magnitude < 0x4000_0000) {
    rest = (magnitude << 1) | sign;
  } else {
    // Doubling first would leave the integers that a number holds exactly.
    bytes[position++] = ((magnitude % 64) << 1) | sign | 0x80;
    let high = Math.floor(magnitude / 64);
    while (high >= 0x8000_0000) {
      bytes[position++] = (high % 128) | 0x80;
      high = Math.floor(high / 128);
    }
    rest = high | 0;
  }
  while (rest > 0x7f) {
    bytes[position++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[position++] = rest;
  return position;
}

/** A length-prefixed string; `bytes` must have room for 10 bytes more than the text's. */
export function writeString(bytes: Buffer, at: number, text: string): number {
  const length = Buffer.byteLength(text);
  const position = writeLong(bytes, at, length);
  return position + bytes.write(text, position, length, 'utf8');
}
