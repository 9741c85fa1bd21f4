import { once } from 'node:events';
import { crc32, inflateRaw } from 'node:zlib';

import type { SampleRow } from '@scoreline/landing/testing';
import avsc from 'avsc';
import { decompress as decompressZstd } from 'fzstd';
import { uncompress as uncompressSnappy } from 'snappy';

export interface AvroFile {
  readonly rows: SampleRow[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Bytes of each block's datums, decompressed. */
  readonly blocks: readonly number[];
}

type Done = (error: Error | null, bytes?: Buffer) => void;

/** The file as another implementation reads it; what it does not bring of codecs is by other libraries. */
export async function readAvro(bytes: Buffer): Promise<AvroFile> {
  const blocks: number[] = [];
  const counted = (decode: (data: Buffer, done: Done) => void) => (data: Buffer, done: Done) =>
    decode(data, (error, datums) => {
      blocks.push(datums?.length ?? 0);
      done(error, datums);
    });
  const codecs = {
    null: counted((data, done) => done(null, data)),
    deflate: counted((data, done) => inflateRaw(data, done)),
    snappy: counted((data, done) => {
      void unsnappy(data, done);
    }),
    zstandard: counted((data, done) => done(null, Buffer.from(decompressZstd(data)))),
  };
  const decoder = new avsc.streams.BlockDecoder({ codecs });
  const rows: SampleRow[] = [];
  let metadata: Record<string, string> = {};
  decoder.on('metadata', (_type: unknown, _codec: string, header: { meta: object }) => {
    const entries = Object.entries(header.meta as Record<string, Buffer>);
    metadata = Object.fromEntries(entries.map(([key, value]) => [key, value.toString()]));
  });
  decoder.on('data', (row: SampleRow) => rows.push({ ...row }));
  decoder.end(bytes);
  await once(decoder, 'end');
  return { rows, metadata, blocks };
}

async function unsnappy(data: Buffer, done: Done): Promise<void> {
  const datums = (await uncompressSnappy(data.subarray(0, -4))) as Buffer;
  const isRight = crc32(datums) === data.readUInt32BE(data.length - 4);
  done(isRight ? null : new Error('the CRC32 is wrong'), datums);
}
