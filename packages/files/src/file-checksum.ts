import { PermanentError } from '@scoreline/service';

import { crc32cBase64 } from './crc32c-text.ts';
import type { NewObject, ObjectMetadata } from './object-store.ts';

const KEY = 'file-crc32c';

/**
 * The object's metadata, and with it the checksum of the bytes that go with it. A store that took others
 * says so once, to a process that may not live to remember it; this says so to whoever finds the object.
 */
export function withChecksum({ metadata, crc32c }: NewObject): Record<string, string> {
  return { ...metadata, [KEY]: crc32cBase64(crc32c) };
}

/**
 * The metadata of an object that was found, as `withChecksum` was given it.
 *
 * @param stored the store's own checksum of it, in base64; undefined where it has none.
 * @throws PermanentError when these are not the bytes that were sent.
 */
export function checkedMetadata(
  what: string,
  { [KEY]: sent, ...metadata }: ObjectMetadata,
  stored: string | undefined,
): ObjectMetadata {
  if (sent !== undefined && stored !== undefined && sent !== stored) {
    throw corrupt(what, { sent, stored });
  }
  return metadata;
}

export function corrupt(
  what: string,
  { sent, stored }: { readonly sent: string; readonly stored: string | undefined },
): PermanentError {
  return new PermanentError(
    `${what}: it is there with the checksum ${stored ?? 'of nothing'}, and ${sent} was sent`,
    {
      code: 'object-corrupt',
      remedy:
        'The rows of that object are not durable. Look at it, and remove it by hand: this sink deletes nothing. A start writes it again.',
    },
  );
}
