import zlib from 'node:zlib';

import { CompressionError, MAX_EVENT_BYTES } from './compression.ts';

/** Compressed, by zlib; the bits below count the bytes of the length that follows, its highest first. */
const ZLIB = 0x80;
const LENGTH_BYTES = 0x07;
/** zlib's smallest buffer. */
const LEAST_CHUNK = 64;

/**
 * What MariaDB's log_bin_compress has put at `event[at..stop]`: a byte, the length, and zlib's stream.
 *
 * @throws CompressionError
 */
export function inflateBody(event: Buffer, at: number, stop: number): Buffer {
  const head = at < stop ? event[at]! : 0;
  const lengthBytes = head & LENGTH_BYTES;
  const from = at + 1 + lengthBytes;
  if ((head & ~LENGTH_BYTES) !== ZLIB || lengthBytes < 1 || lengthBytes > 4 || from >= stop) {
    throw CompressionError.damaged(`it begins with ${head.toString(16).padStart(2, '0')}`);
  }
  const length = event.readUIntBE(at + 1, lengthBytes);
  if (length > MAX_EVENT_BYTES) {
    throw CompressionError.tooLarge('its content', length, MAX_EVENT_BYTES);
  }
  const body = inflate(event.subarray(from, stop), length);
  if (body.length !== length) {
    throw CompressionError.damaged(`it says ${length} bytes and holds ${body.length}`);
  }
  return body;
}

function inflate(compressed: Buffer, length: number): Buffer {
  try {
    return zlib.inflateSync(compressed, {
      maxOutputLength: Math.max(1, length),
      // With room for all of it, and one byte to see the end, there is nothing to put together.
      chunkSize: Math.max(LEAST_CHUNK, length + 1),
    });
  } catch (cause) {
    throw CompressionError.damaged(`${length} bytes were expected: ${(cause as Error).message}`);
  }
}
