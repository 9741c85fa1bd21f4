import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Bucket, CreateWriteStreamOptions, File } from '@google-cloud/storage';
import { corrupt, crc32cBase64, type NewObject, objectBytes, withChecksum } from '@scoreline/files';
import { RetryableError } from '@scoreline/service';

import { inOurTerms, isSessionOver, isThere } from './gcs-errors.ts';

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
 * Creates objects if there is none of their name. The server compares the checksum before it lets an
 * object be seen; the client's own comparison is left out, as it deletes what does not match. A large
 * upload that failed half-way goes on where the server has it when the same object is created again.
 */
export class Uploads {
  readonly #bucket: Bucket;
  readonly #options: UploadOptions;
  /** Of large objects of which a part may be there: the address of their session. */
  readonly #sessions = new Map<string, string>();

  constructor(bucket: Bucket, options: UploadOptions) {
    this.#bucket = bucket;
    this.#options = options;
  }

  async create(object: NewObject, signal: AbortSignal): Promise<'created' | 'exists'> {
    const doing = `creating ${object.name} in ${this.#bucket.name}`;
    const file = this.#bucket.file(object.name);
    const deadlineMs = DEADLINE_MS + Math.ceil(object.size / SLOWEST_BYTES_PER_MS);
    const deadline = AbortSignal.timeout(deadlineMs);
    try {
      await this.#send(object, file, AbortSignal.any([signal, deadline]));
    } catch (error) {
      signal.throwIfAborted();
      if (isThere(error)) return 'exists';
      if (deadline.aborted) {
        throw new RetryableError(`${doing}: not done within ${deadlineMs} ms`, {
          code: 'gcs-unavailable',
          cause: error,
        });
      }
      throw error instanceof SessionLost
        ? new RetryableError(`${doing}: its session is over, or has completed it`, {
            code: 'gcs-unavailable',
            cause: error.cause,
          })
        : inOurTerms(error, doing);
    }
    const { crc32c: stored } = file.metadata;
    const sent = crc32cBase64(object.crc32c);
    if (stored !== sent) throw corrupt(doing, { sent, stored });
    return 'created';
  }

  async #send(object: NewObject, file: File, signal: AbortSignal): Promise<void> {
    const key = `${object.name} ${object.crc32c}`;
    const known = this.#sessions.get(key);
    let session = known;
    let isAllSent = false;
    const target = file.createWriteStream(this.#streamOptions(object, known));
    target.once('uri', (uri: string) => {
      session = uri;
    });
    target.on('progress', ({ bytesWritten }: { readonly bytesWritten: number }) => {
      isAllSent = bytesWritten >= object.size;
    });
    this.#sessions.delete(key);
    try {
      await pipeline(Readable.from(objectBytes(object, PIECE_BYTES, signal)), target, { signal });
    } catch (error) {
      if (session !== undefined && isSessionOver(error)) throw new SessionLost(error);
      // Of a session that may be complete the client cannot be told so: a new one says that it exists.
      if (session !== undefined && !isAllSent && !signal.aborted) this.#sessions.set(key, session);
      throw error;
    }
  }

  #streamOptions(object: NewObject, uri: string | undefined): CreateWriteStreamOptions {
    const { contentType, cacheControl } = this.#options;
    const isLarge = object.size > PIECE_BYTES;
    return {
      resumable: isLarge,
      ...(isLarge ? { chunkSize: PIECE_BYTES } : {}),
      ...(uri === undefined ? {} : { uri }),
      validation: false,
      preconditionOpts: { ifGenerationMatch: 0 },
      contentType,
      metadata: {
        crc32c: crc32cBase64(object.crc32c),
        cacheControl,
        ...(isLarge ? { contentLength: object.size } : {}),
        metadata: withChecksum(object),
      },
    };
  }
}

class SessionLost extends Error {
  override readonly name = 'SessionLost';

  constructor(cause: unknown) {
    super('the session of the upload is over', { cause });
  }
}
