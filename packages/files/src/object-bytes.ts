import { type FileHandle, open } from 'node:fs/promises';

import { crc32c } from '@scoreline/kafka';
import { PermanentError, unlessAborted } from '@scoreline/service';

import { crc32cHex } from './crc32c-text.ts';
import type { NewObject } from './object-store.ts';

type LocalFile = Pick<NewObject, 'path' | 'size' | 'crc32c'>;

/**
 * An object's bytes in pieces of `pieceBytes`, the last one shorter. Size and checksum are proven
 * before the last piece is given away: a file that was changed or cut off on this disk is never
 * completed at a store, where nothing could replace it. A disk that hangs is waited for until the
 * signal is aborted.
 */
export async function* objectBytes(
  object: LocalFile,
  pieceBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const pieces = piecesOf(object, pieceBytes);
  try {
    for (;;) {
      const next = await unlessAborted(pieces.next(), signal);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Closes the file, behind a read that may hang.
    const closed = pieces.return(undefined);
    closed.catch(() => {});
    if (!signal.aborted) await closed;
  }
}

async function* piecesOf(
  { path, size, crc32c: expected }: LocalFile,
  pieceBytes: number,
): AsyncGenerator<Buffer, undefined> {
  const file = await open(path);
  try {
    const { size: found } = await file.stat();
    if (found !== size) throw changed(path, `it has ${found} bytes, not ${size}`);
    let crc = 0;
    for (let at = 0; at < size; at += pieceBytes) {
      const piece = await readPiece(file, { path, at, bytes: Math.min(pieceBytes, size - at) });
      crc = crc32c(piece, 0, piece.length, crc);
      if (at + piece.length === size && crc !== expected) {
        throw changed(path, `its CRC32C is ${crc32cHex(crc)}, not ${crc32cHex(expected)}`);
      }
      yield piece;
    }
  } finally {
    await file.close();
  }
}

async function readPiece(
  file: FileHandle,
  { path, at, bytes }: { path: string; at: number; bytes: number },
): Promise<Buffer> {
  const piece = Buffer.allocUnsafe(bytes);
  for (let filled = 0; filled < bytes;) {
    const { bytesRead } = await file.read(piece, filled, bytes - filled, at + filled);
    if (bytesRead === 0) throw changed(path, `it ends at byte ${at + filled}`);
    filled += bytesRead;
  }
  return piece;
}

function changed(path: string, how: string): PermanentError {
  return new PermanentError(`the file ${path} is not as it was written: ${how}`, {
    code: 'local-file-changed',
    remedy:
      'Nothing of it was stored. Check the disk of the folder where files wait to be sent, and that nobody else writes there; a start writes the range again.',
  });
}
