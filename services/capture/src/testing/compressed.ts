import zlib from 'node:zlib';

/** What MariaDB's log_bin_compress makes of an event's content. */
export function deflateBody(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const first = Math.min(
    3,
    length.findIndex((byte) => byte !== 0),
  );
  const needed = length.subarray(first);
  return Buffer.concat([Buffer.of(0x80 | needed.length), needed, zlib.deflateSync(content)]);
}

/** A packed number of the protocol. */
export function packed(value: number): Buffer {
  if (value < 0xfb) return Buffer.of(value);
  const bytes = Buffer.alloc(9, 0xfe);
  bytes.writeBigUInt64LE(BigInt(value), 1);
  return bytes;
}

export interface PayloadFields {
  readonly compression?: number;
  /** What it says of its data; the truth by default. */
  readonly uncompressedBytes?: number;
  readonly payloadBytes?: number;
}

/** The body of MySQL's TRANSACTION_PAYLOAD around data that is compressed already. */
export function payloadBody(data: Buffer, fields: PayloadFields): Buffer {
  const { compression = 0, uncompressedBytes, payloadBytes = data.length } = fields;
  const field = (type: number, value: number): Buffer[] => {
    const bytes = packed(value);
    return [packed(type), packed(bytes.length), bytes];
  };
  return Buffer.concat([
    ...field(2, compression),
    ...(uncompressedBytes === undefined ? [] : field(3, uncompressedBytes)),
    ...field(1, payloadBytes),
    packed(0),
    data,
  ]);
}

const MAGIC = Buffer.of(0x28, 0xb5, 0x2f, 0xfd);
const MAX_BLOCK_BYTES = 128 * 1024;

/** A zstd frame of blocks that are stored, or are one byte again and again. */
export function zstdFrame(content: Buffer, blockBytes = MAX_BLOCK_BYTES): Buffer {
  // A window of 128 KiB, no size, no checksum.
  const parts: Buffer[] = [MAGIC, Buffer.of(0x00, 7 << 3)];
  for (let at = 0; at < content.length || at === 0; at += blockBytes) {
    const block = content.subarray(at, at + blockBytes);
    const isLast = at + blockBytes >= content.length;
    const isRun = block.length > 1 && block.subarray(1).equals(block.subarray(0, -1));
    const header = Buffer.alloc(3);
    header.writeUIntLE((block.length << 3) | (isRun ? 2 : 0) | (isLast ? 1 : 0), 0, 3);
    parts.push(header, isRun ? block.subarray(0, 1) : block);
  }
  return Buffer.concat(parts);
}
