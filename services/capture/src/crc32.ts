import zlib from 'node:zlib';

/** Below this a call into zlib costs more than it saves. */
const NATIVE_FROM_BYTES = 640;

/** CRC32 (IEEE) of `bytes[from..to]`, as binlog events carry it. */
export function crc32(bytes: Buffer, from: number, to: number): number {
  return to - from >= NATIVE_FROM_BYTES
    ? zlib.crc32(bytes.subarray(from, to))
    : crc32Sliced(bytes, from, to);
}

const [T0, T1, T2, T3, T4, T5, T6, T7] = tables();

/** Eight bytes a step (Kounavis and Berry, "slicing by 8"). */
export function crc32Sliced(bytes: Uint8Array, from: number, to: number): number {
  let crc = -1;
  let at = from;
  for (; to - at >= 8; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      T7![crc & 255]! ^
      T6![(crc >>> 8) & 255]! ^
      T5![(crc >>> 16) & 255]! ^
      T4![crc >>> 24]! ^
      T3![bytes[at + 4]!]! ^
      T2![bytes[at + 5]!]! ^
      T1![bytes[at + 6]!]! ^
      T0![bytes[at + 7]!]!;
  }
  for (; at < to; at++) crc = (crc >>> 8) ^ T0![(crc ^ bytes[at]!) & 255]!;
  return ~crc >>> 0;
}

function tables(): Int32Array[] {
  const all = [
    Int32Array.from({ length: 256 }, (_, n) => {
      let c = n;
      for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
      return c;
    }),
  ];
  for (let k = 1; k < 8; k++) {
    const before = all[k - 1]!;
    all.push(before.map((c) => (c >>> 8) ^ all[0]![c & 255]!));
  }
  return all;
}
