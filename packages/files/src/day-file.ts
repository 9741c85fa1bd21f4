import { createHash } from 'node:crypto';

import { crc32c, crc32cCombine } from '@scoreline/kafka';
import { containerBlock, SYNC_BYTES } from '@scoreline/schema';

import type { Codec } from './codec.ts';
import type { DatumBlock } from './datum-block.ts';
import { fileHeader, headerLength } from './file-header.ts';
import type { FileSystem } from './file-system.ts';
import { type FilePlan, metadataOf } from './metadata.ts';
import { objectName } from './object-name.ts';
import type { NewObject } from './object-store.ts';
import { writeAll } from './write-all.ts';

export interface DayFileOptions {
  readonly plan: FilePlan;
  readonly path: string;
  readonly codec: Codec;
  readonly files: FileSystem;
}

/**
 * One Avro object container, in a file that is open only while a block is written: a range may have
 * any number of days. The header, which says what the file has in it, is written last, into the room
 * that was left for it; both checksums are put together from those of the pieces.
 */
export class DayFile {
  readonly path: string;
  readonly #options: DayFileOptions;
  readonly #sync: Buffer;
  readonly #headerLength: number;
  #rows = 0;
  #minId = Number.POSITIVE_INFINITY;
  #maxId = Number.NEGATIVE_INFINITY;
  #datumsCrc = 0;
  #blocksCrc = 0;
  #blocksLength = 0;

  constructor(options: DayFileOptions) {
    const { plan, path } = options;
    this.#options = options;
    this.path = path;
    const { identity } = plan.range;
    const digest = createHash('sha256').update(`${identity}/${plan.day}`).digest();
    this.#sync = digest.subarray(0, SYNC_BYTES);
    this.#headerLength = headerLength(plan, this.#sync);
  }

  /** Writes the block; its buffer may be used again afterwards. */
  async append({ rows, datums, minId, maxId }: DatumBlock): Promise<void> {
    const { codec } = this.#options;
    const encoded = await codec.encode(datums);
    const crc = crc32c(datums);
    this.#datumsCrc = crc32cCombine(this.#datumsCrc, crc, datums.length);
    const pieces = containerBlock(rows, encoded, this.#sync);
    await this.#write(pieces, this.#headerLength + this.#blocksLength);
    for (const piece of pieces) {
      this.#blocksCrc =
        piece === datums
          ? crc32cCombine(this.#blocksCrc, crc, datums.length)
          : crc32c(piece, 0, piece.length, this.#blocksCrc);
      this.#blocksLength += piece.length;
    }
    this.#rows += rows;
    this.#minId = Math.min(this.#minId, minId);
    this.#maxId = Math.max(this.#maxId, maxId);
  }

  async finish(): Promise<NewObject> {
    const { plan } = this.#options;
    const size = this.#headerLength + this.#blocksLength;
    const metadata = metadataOf(plan, {
      rows: this.#rows,
      minId: this.#minId,
      maxId: this.#maxId,
      crc: this.#datumsCrc,
      size,
    });
    const header = fileHeader(plan, this.#sync, metadata, this.#headerLength);
    await this.#write([header], 0);
    return {
      name: objectName(plan.range, plan.day),
      path: this.path,
      size,
      crc32c: crc32cCombine(crc32c(header), this.#blocksCrc, this.#blocksLength),
      metadata,
    };
  }

  async #write(pieces: readonly Buffer[], position: number): Promise<void> {
    const { files } = this.#options;
    const handle = await files.open(this.path, this.#blocksLength === 0 ? 'wx' : 'r+');
    try {
      let at = position;
      for (const piece of pieces) at = await writeAll(handle, piece, at);
    } finally {
      await handle.close();
    }
  }
}
