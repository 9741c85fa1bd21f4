import { createHash } from 'node:crypto';

import type { Range } from '@scoreline/landing';

import type { CodecName } from './codec.ts';
import { crc32cHex } from './crc32c-text.ts';
import type { ObjectMetadata, StoredObject } from './object-store.ts';

/** What is known of a file from the start. */
export interface FilePlan {
  readonly range: Pick<Range, 'identity' | 'topic' | 'partition' | 'first' | 'last' | 'schema'>;
  readonly day: string;
  readonly codec: CodecName;
  readonly blockRows: number;
}

/** What is known of it at its end. */
export interface FileContent {
  readonly rows: number;
  readonly minId: number;
  readonly maxId: number;
  /** CRC32C of its datums, back to back. */
  readonly crc: number;
  /** Bytes of the file. */
  readonly size: number;
}

/** Raised when other bytes are made of the same rows with the codec `null`. */
const LAYOUT = 1;

/** Names are in lower case, as S3 returns them. */
export function metadataOf(
  { range, day, codec, blockRows }: FilePlan,
  { rows, minId, maxId, crc, size }: FileContent,
): ObjectMetadata {
  return {
    layout: String(LAYOUT),
    identity: range.identity,
    topic: range.topic,
    partition: String(range.partition),
    first: String(range.first),
    last: String(range.last),
    day,
    rows: String(rows),
    'min-id': String(minId),
    'max-id': String(maxId),
    crc32c: crc32cHex(crc),
    'schema-sha256': createHash('sha256').update(range.schema).digest('hex'),
    codec,
    'block-rows': String(blockRows),
    size: String(size),
  };
}

/** What is the same whenever the same range is landed; how its bytes were made is not. */
const CONTENT = [
  'identity',
  'topic',
  'partition',
  'first',
  'last',
  'day',
  'rows',
  'min-id',
  'max-id',
  'crc32c',
  'schema-sha256',
] as const;

/** What makes the bytes the same too, as long as nothing is compressed. */
const MAKING = ['layout', 'codec', 'block-rows'] as const;

/** Null when the object that is there has the rows of the one that was to be created; else the difference. */
export function checkSame(
  ours: { readonly size: number; readonly metadata: ObjectMetadata },
  there: StoredObject,
): string | null {
  const { metadata } = there;
  const differing = CONTENT.filter((key) => metadata[key] !== ours.metadata[key]);
  if (differing.length > 0) {
    return differing
      .map((key) => `${key} there is ${metadata[key] ?? 'not said'}, here ${ours.metadata[key]}`)
      .join('; ');
  }
  if (String(there.size) !== metadata['size'])
    return `it has ${there.size} bytes, and was made with ${metadata['size'] ?? 'an unknown number'}`;
  const isMadeAlike = MAKING.every((key) => metadata[key] === ours.metadata[key]);
  if (isMadeAlike && metadata['codec'] === 'null' && there.size !== ours.size)
    return `it has ${there.size} bytes, here ${ours.size} were made of the same rows`;
  return null;
}
