import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Bucket } from '@google-cloud/storage';
import { corrupt, crc32cBase64, type NewObject, objectBytes, withChecksum } from '@scoreline/files';
import { RetryableError } from '@scoreline/service';

import { inOurTerms, isGone, isThere } from './gcs-errors.ts';

/** What is smaller goes in one request; of what is larger, a piece at a time is in memory. */
export const PIECE_BYTES = 8 * 2 ** 20;

const DEADLINE_MS = 120_000;
/** 128 kB/s: a connection that is slower has stopped, whatever its socket says. */
const SLOWEST_BYTES_PER_MS = 128;

export interface UploadOptions {
  readonly contentType: string;
  readonly cacheControl: string;
}

/**
 * Creates the object if there is none of its name. The server compares the checksum before it lets the
 * object be seen; the client's own comparison is left out, as it deletes what does not match.
 */
export async function upload(
  bucket: Bucket,
  object: NewObject,
  { contentType, cacheControl }: UploadOptions,
  signal: AbortSignal,
): Promise<'created' | 'exists'> {
  const doing = `creating ${object.name} in ${bucket.name}`;
  const deadlineMs = DEADLINE_MS + Math.ceil(object.size / SLOWEST_BYTES_PER_MS);
  const deadline = AbortSignal.timeout(deadlineMs);
  const file = bucket.file(object.name);
  const isLarge = object.size > PIECE_BYTES;
  const crc32c = crc32cBase64(object.crc32c);
  const target = file.createWriteStream({
    resumable: isLarge,
    ...(isLarge ? { chunkSize: PIECE_BYTES } : {}),
    validation: false,
    preconditionOpts: { ifGenerationMatch: 0 },
    contentType,
    metadata: {
      crc32c,
      cacheControl,
      ...(isLarge ? { contentLength: object.size } : {}),
      metadata: withChecksum(object),
    },
  });
  let hasSession = false;
  target.once('uri', () => {
    hasSession = true;
  });
  try {
    await pipeline(Readable.from(objectBytes(object, PIECE_BYTES)), target, {
      signal: AbortSignal.any([signal, deadline]),
    });
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) {
      throw new RetryableError(`${doing}: not done within ${deadlineMs} ms`, {
        code: 'gcs-unavailable',
        cause: error,
      });
    }
    if (isThere(error)) return 'exists';
    if (hasSession && isGone(error)) {
      throw new RetryableError(`${doing}: its session is over, or has completed it`, {
        code: 'gcs-unavailable',
        cause: error,
      });
    }
    throw inOurTerms(error, doing);
  }
  const { crc32c: stored } = file.metadata;
  if (stored !== crc32c) throw corrupt(doing, { sent: crc32c, stored });
  return 'created';
}
