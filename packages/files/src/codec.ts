import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

import { ConfigError } from '@scoreline/service';
import { compressSync as compressSnappy, uncompressSync as uncompressSnappy } from 'snappy';

export const CODECS = ['null', 'deflate', 'snappy', 'zstandard'] as const;

export type CodecName = (typeof CODECS)[number];

/** Makes of a block's datums what the specification of Avro's object containers wants in its place. */
export interface Codec {
  readonly name: CodecName;
  /** May return the bytes it was given. */
  encode(datums: Buffer): Promise<Buffer>;
}

/** Rows have doubles that look random: zlib's own, 6, takes half as long again to save a fiftieth. */
const DEFLATE_LEVEL = 4;

const deflateRaw = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.deflateRaw);
const inflateRaw = promisify<Buffer, Buffer>(zlib.inflateRaw);

/** @throws ConfigError when this Node has no such codec. */
export function codecOf(name: CodecName): Codec {
  switch (name) {
    case 'null':
      return { name, encode: async (datums) => datums };
    case 'deflate':
      return { name, encode: (datums) => deflateRaw(datums, { level: DEFLATE_LEVEL }) };
    case 'snappy':
      return { name, encode: encodeSnappy };
    case 'zstandard':
      return { name, encode: zstdOfThisNode() };
    default:
      return name satisfies never;
  }
}

/**
 * Snappy's block format, then the CRC32 of what was compressed. On the event loop, where a block takes
 * some milliseconds, and copied: the library's other ways return memory of which the garbage
 * collector does not know, so that hundreds of megabytes of it pile up.
 */
async function encodeSnappy(datums: Buffer): Promise<Buffer> {
  const compressed = compressSnappy(datums, { copyOutputData: true });
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(zlib.crc32(datums));
  return Buffer.concat([compressed, crc]);
}

/** Of Node >= 22.15. There is no library whose binaries npm itself brings along. */
function zstdOfThisNode(): Codec['encode'] {
  const { zstdCompress } = zlib as {
    zstdCompress?: (bytes: Buffer, done: (error: Error | null, result: Buffer) => void) => void;
  };
  if (zstdCompress !== undefined) return promisify(zstdCompress);
  throw new ConfigError(`avro_codec: Node ${process.versions.node} has no zstandard`, {
    code: 'codec-missing',
    remedy: 'Run Node 22.15 or later, or choose deflate or snappy.',
  });
}

/**
 * What a block's datums were before `avro.codec`.
 *
 * @throws RangeError for bytes that are not of that codec; ConfigError when this Node has no such codec.
 */
export async function decodeBlock(codec: string, block: Buffer): Promise<Buffer> {
  if (codec === 'null') return block;
  const decode = DECODERS[codec];
  if (decode === undefined) throw new RangeError(`it is compressed with ${codec}`);
  try {
    return await decode(block);
  } catch (cause) {
    if (cause instanceof ConfigError || cause instanceof RangeError) throw cause;
    throw new RangeError(`a block is not ${codec}: ${(cause as Error).message}`, { cause });
  }
}

const DECODERS: Readonly<Record<string, (block: Buffer) => Buffer | Promise<Buffer>>> = {
  deflate: inflateRaw,
  snappy: decodeSnappy,
  zstandard: (block) => unzstdOfThisNode()(block),
};

function decodeSnappy(block: Buffer): Buffer {
  const datums = uncompressSnappy(block.subarray(0, -4), { copyOutputData: true }) as Buffer;
  if (zlib.crc32(datums) === block.readUInt32BE(block.length - 4)) return datums;
  throw new RangeError('the CRC32 of a block is another one');
}

function unzstdOfThisNode(): (block: Buffer) => Promise<Buffer> {
  const { zstdDecompress } = zlib as {
    zstdDecompress?: (bytes: Buffer, done: (error: Error | null, result: Buffer) => void) => void;
  };
  if (zstdDecompress !== undefined) return promisify(zstdDecompress);
  throw new ConfigError(`Node ${process.versions.node} has no zstandard, which a file needs`, {
    code: 'codec-missing',
    remedy: 'Run Node 22.15 or later.',
  });
}
