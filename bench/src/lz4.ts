/**
 * Decompresses LZ4 frames, which is how the peers' records come: kafkajs leaves codecs to others.
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md
 */
export function decompressLz4(frame: Buffer): Buffer {
  if (frame.readUInt32LE(0) !== 0x184d2204) throw new Error('not an LZ4 frame');
  const flags = frame[4] ?? 0;
  const blockBytes = 1 << (8 + 2 * (((frame[5] ?? 0) >> 4) & 7));
  const hasBlockChecksum = (flags & 0x10) !== 0;
  let at = 7 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0);
  let out = Buffer.allocUnsafe(blockBytes);
  let length = 0;
  for (;;) {
    const size = frame.readUInt32LE(at);
    at += 4;
    if (size === 0) return out.subarray(0, length);
    const end = at + (size & 0x7fffffff);
    if (end > frame.length) throw new Error('an LZ4 block goes beyond its frame');
    if (out.length < length + blockBytes) {
      out = Buffer.concat([out.subarray(0, length)], 2 * out.length + blockBytes);
    }
    if (size > 0x7fffffff) length += frame.copy(out, length, at, end);
    else length = decodeBlock(frame.subarray(at, end), out, length);
    at = end + (hasBlockChecksum ? 4 : 0);
  }
}

/** Appends a block to `out`, into which matches of earlier blocks may reach; returns the new length. */
function decodeBlock(block: Buffer, out: Buffer, start: number): number {
  let at = 0;
  let length = start;
  const extended = (nibble: number): number => {
    let total = nibble;
    for (let byte = nibble === 15 ? 255 : 0; byte === 255; total += byte) byte = block[at++] ?? 0;
    return total;
  };
  while (at < block.length) {
    const token = block[at++] ?? 0;
    const literals = extended(token >> 4);
    if (at + literals > block.length) throw new Error('LZ4 literals go beyond their block');
    length += block.copy(out, length, at, at + literals);
    at += literals;
    // The last sequence is literals alone.
    if (at >= block.length) break;
    const distance = block.readUInt16LE(at);
    at += 2;
    const match = extended(token & 15) + 4;
    if (distance === 0 || distance > length) throw new Error('an LZ4 match begins before the data');
    if (length + match > out.length) throw new Error('an LZ4 block is larger than its frame says');
    for (const end = length + match; length < end; length++)
      out[length] = out[length - distance] ?? 0;
  }
  return length;
}
