import avsc from 'avsc';

import { Bucket, type BucketOffsets } from './bucket.ts';
import { decodeValue, encodeValue, unknownRecord } from './envelope.ts';
import { IdBits } from './id-bits.ts';
import type { LedgerMessage } from './message.ts';

const ids = {
  type: 'record',
  name: 'Ids',
  fields: [
    { name: 'count', type: 'int' },
    { name: 'bitmap', type: 'bytes' },
  ],
};

const bucketType = avsc.Type.forSchema({
  type: 'record',
  name: 'Bucket',
  fields: [
    { name: 'captured', type: ids },
    { name: 'excluded', type: 'Ids' },
    {
      name: 'offsets',
      type: {
        type: 'map',
        values: {
          type: 'record',
          name: 'Offsets',
          fields: [
            { name: 'first', type: { type: 'array', items: 'long' } },
            { name: 'end', type: { type: 'array', items: 'long' } },
          ],
        },
      },
    },
  ],
} as avsc.Schema);

interface EncodedIds {
  readonly count: number;
  readonly bitmap: Buffer;
}

interface EncodedBucket {
  readonly captured: EncodedIds;
  readonly excluded: EncodedIds;
  readonly offsets: Readonly<Record<string, BucketOffsets>>;
}

export const BUCKET_KEY = 'bucket:';

export function bucketMessage({ number, captured, excluded, offsets }: Bucket): LedgerMessage {
  const value = {
    captured: { count: captured.count, bitmap: captured.encode() },
    excluded: { count: excluded.count, bitmap: excluded.encode() },
    offsets: Object.fromEntries(offsets),
  };
  return { key: Buffer.from(BUCKET_KEY + number), value: encodeValue(bucketType, value) };
}

/** @throws PermanentError `ledger-unknown` */
export function decodeBucket(key: string, value: Buffer | null, where: string): Bucket {
  const number = Number(key.slice(BUCKET_KEY.length));
  if (!Number.isSafeInteger(number) || number < 0) {
    throw unknownRecord(where, `its key is ${JSON.stringify(key)}`);
  }
  const read = decodeValue(bucketType, value, where) as EncodedBucket;
  try {
    return new Bucket(
      number,
      bits(read.captured),
      bits(read.excluded),
      new Map(Object.entries(read.offsets)),
    );
  } catch (cause) {
    throw unknownRecord(where, (cause as Error).message, cause);
  }
}

function bits({ count, bitmap }: EncodedIds): IdBits {
  return IdBits.decode(count, bitmap);
}
