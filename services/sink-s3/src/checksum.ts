import { createHash } from 'node:crypto';

import { corrupt, crc32cBase64 } from '@scoreline/files';

/** How a store shows that it has what was sent: by CRC32C as Amazon, or, where that is unknown, by MD5. */
export type Checksum = 'crc32c' | 'md5';

/** What a request says of the bytes that it carries, for the server to compare. */
export interface SentChecksum {
  readonly ChecksumCRC32C?: string;
  readonly ContentMD5?: string;
}

export interface Answer {
  readonly ETag?: string | undefined;
  readonly ChecksumCRC32C?: string | undefined;
}

export interface Bytes {
  readonly crc: number;
  readonly md5: Buffer;
}

export function bytesOf(piece: Buffer, crc: number): Bytes {
  return { crc, md5: createHash('md5').update(piece).digest() };
}

export function sentChecksum(kind: Checksum, { crc, md5 }: Bytes): SentChecksum {
  return kind === 'crc32c'
    ? { ChecksumCRC32C: crc32cBase64(crc) }
    : { ContentMD5: md5.toString('base64') };
}

/** @throws PermanentError when the store says that it has other bytes than were sent. */
export function confirm(kind: Checksum, bytes: Bytes, answer: Answer, what: string): void {
  if (kind === 'crc32c') same(crc32cBase64(bytes.crc), answer.ChecksumCRC32C, what);
  else same(bytes.md5.toString('hex'), unquoted(answer.ETag), what);
}

/** The same of an object in parts: its MD5 is that of the parts' MD5s. */
export function confirmWhole(
  kind: Checksum,
  { crc, parts }: { readonly crc: number; readonly parts: readonly Bytes[] },
  answer: Answer,
  what: string,
): void {
  if (kind === 'crc32c') {
    same(crc32cBase64(crc), answer.ChecksumCRC32C, what);
    return;
  }
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part.md5);
  same(`${md5.digest('hex')}-${parts.length}`, unquoted(answer.ETag), what);
}

function same(sent: string, stored: string | undefined, what: string): void {
  if (stored === sent) return;
  throw corrupt(what, { sent, stored });
}

function unquoted(etag: string | undefined): string | undefined {
  return etag?.replaceAll('"', '');
}
