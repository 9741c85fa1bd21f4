import { Decompress } from 'fzstd';

import { CompressionError, MAX_WINDOW_BYTES } from './compression.ts';

/**
 * Decompresses zstd's frames (RFC 8878) at `data`, block after block: each gives at most 128 KiB, and
 * nothing is held but the window. The decoder takes what it is given on trust and gives all of it at once;
 * so the frames are taken apart here, and it gets one block at a time.
 *
 * @throws CompressionError
 */
export function* zstdChunks(data: Buffer): Generator<Buffer, void> {
  const out: Buffer[] = [];
  const decoder = new Decompress((chunk) => {
    out.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
  });
  for (const { from, to, isEnd } of blocks(data)) {
    push(decoder, data.subarray(from, to), isEnd);
    for (const chunk of out.splice(0)) if (chunk.length > 0) yield chunk;
  }
}

function push(decoder: Decompress, part: Buffer, isEnd: boolean): void {
  try {
    decoder.push(part, isEnd);
  } catch (cause) {
    throw CompressionError.damaged((cause as Error).message);
  }
}

interface Part {
  readonly from: number;
  readonly to: number;
  /** Whether the last frame ends here. */
  readonly isEnd: boolean;
}

const MAX_BLOCK_BYTES = 128 * 1024;
const RLE = 1;
const RESERVED = 3;

/** A block each, with its frame's header before the first and its checksum behind the last. */
function* blocks(data: Buffer): Generator<Part, void> {
  let from = 0;
  while (from < data.length) {
    const { blocksAt, checksumBytes } = frameHeader(data, from);
    for (let at = blocksAt, isLast = false; !isLast;) {
      if (at + 3 > data.length) throw cutShort();
      const header = data.readUIntLE(at, 3);
      isLast = (header & 1) === 1;
      const type = (header >> 1) & 3;
      if (type === RESERVED) throw CompressionError.damaged('a block of an unknown type');
      const bytes = header >> 3;
      if (bytes > MAX_BLOCK_BYTES) throw CompressionError.damaged(`a block of ${bytes} bytes`);
      at += 3 + (type === RLE ? 1 : bytes) + (isLast ? checksumBytes : 0);
      if (at > data.length) throw cutShort();
      yield { from, to: at, isEnd: isLast && at === data.length };
      from = at;
    }
  }
}

const MAGIC = 0xfd2fb528;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;

function frameHeader(data: Buffer, at: number): { blocksAt: number; checksumBytes: number } {
  if (at + 6 > data.length) throw cutShort();
  const descriptor = data[at + 4]!;
  if (data.readUInt32LE(at) !== MAGIC || (descriptor & 0x08) !== 0) {
    throw CompressionError.damaged('it is not zstd');
  }
  if ((descriptor & 3) !== 0) throw CompressionError.damaged('it needs a dictionary');
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeBytes = CONTENT_SIZE_BYTES[descriptor >> 6]! || (isSingle ? 1 : 0);
  const sizeAt = at + 5 + (isSingle ? 0 : 1);
  if (sizeAt + sizeBytes > data.length) throw cutShort();
  const window = isSingle ? contentBytes(data, sizeAt, sizeBytes) : windowBytes(data[at + 5]!);
  if (window > MAX_WINDOW_BYTES) {
    throw CompressionError.tooLarge("zstd's window", window, MAX_WINDOW_BYTES);
  }
  return { blocksAt: sizeAt + sizeBytes, checksumBytes: (descriptor & 4) === 0 ? 0 : 4 };
}

function contentBytes(data: Buffer, at: number, bytes: number): number {
  if (bytes === 8) return Number(data.readBigUInt64LE(at));
  // Two bytes begin where one ends.
  return data.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0);
}

function windowBytes(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function cutShort(): CompressionError {
  return CompressionError.damaged('its zstd stream is cut short');
}
