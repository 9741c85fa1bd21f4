import type { FileSystem } from '@scoreline/files';
import { crc32c } from '@scoreline/kafka';

const PIECE_BYTES = 1 << 20;

export interface Checksum {
  readonly size: number;
  readonly crc32c: number;
}

/** Reads the whole file. */
export async function checksumOf(files: FileSystem, path: string): Promise<Checksum> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  const handle = await files.open(path, 'r');
  try {
    let size = 0;
    let crc = 0;
    for (;;) {
      const { bytesRead } = await handle.read(piece, 0, piece.length, size);
      if (bytesRead === 0) return { size, crc32c: crc };
      crc = crc32c(piece, 0, bytesRead, crc);
      size += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
