import type { Block } from '@scoreline/schema';

import type { Chunk, ChunkPool } from './chunk.ts';

/** Rows whose groups have ended, in the order of the binlog. */
export interface Rows {
  readonly chunks: readonly Chunk[];
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Rows as they come from the binlog: first those whose groups have ended and that may go out, behind
 * them those of the group at hand, which may still be cut.
 */
export class RowCollector {
  readonly #pool: ChunkPool;
  #chunks: Chunk[];
  /** The end of the rows that may go out: a chunk, and rows in it. */
  #endChunk = 0;
  #endRow = 0;
  #endedRows = 0;
  #endedBytes = 0;
  #groupRows = 0;
  #groupBytes = 0;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
    this.#chunks = [pool.take()];
  }

  /** Rows and bytes that may go out. */
  get endedRows(): number {
    return this.#endedRows;
  }

  get endedBytes(): number {
    return this.#endedBytes;
  }

  /** Commit time of the first row that may go out; null when there is none. */
  get oldestTimeMs(): number | null {
    return this.#endedRows === 0 ? null : this.#chunks[0]!.times[0]!;
  }

  /** Rows and bytes of the group at hand. */
  get groupRows(): number {
    return this.#groupRows;
  }

  get groupBytes(): number {
    return this.#groupBytes;
  }

  /** Where the group's next rows are to be written. Tell `added` afterwards. */
  block(): Block {
    return this.#last().block;
  }

  added(rows: number, bytes: number): void {
    this.#groupRows += rows;
    this.#groupBytes += bytes;
    if (this.#last().full) this.#chunks.push(this.#pool.take());
  }

  /** Drops rows from the group's end until `keep` are left. */
  cut(keep: number): void {
    while (this.#groupRows > keep) {
      const index = this.#chunks.length - 1;
      const { block } = this.#last();
      const first = index === this.#endChunk ? this.#endRow : 0;
      const drop = Math.min(this.#groupRows - keep, block.rows - first);
      const before = block.byteLength;
      block.truncate(block.rows - drop);
      this.#groupRows -= drop;
      this.#groupBytes -= before - block.byteLength;
      if (block.rows === first && index > this.#endChunk) this.#pool.give(this.#chunks.pop()!);
    }
  }

  /** The group's rows may go out, as records of this time. */
  end(timeMs: number): void {
    for (let index = this.#endChunk; index < this.#chunks.length; index++) {
      this.#chunks[index]!.stamp(index === this.#endChunk ? this.#endRow : 0, timeMs);
    }
    this.#endChunk = this.#chunks.length - 1;
    this.#endRow = this.#last().block.rows;
    this.#endedRows += this.#groupRows;
    this.#endedBytes += this.#groupBytes;
    this.#groupRows = 0;
    this.#groupBytes = 0;
  }

  /** Takes the rows that may go out; the group at hand stays. */
  take(): Rows {
    const end = this.#chunks[this.#endChunk]!;
    const rest = this.#chunks.slice(this.#endChunk + 1);
    if (end.block.rows > this.#endRow) {
      const tail = this.#pool.take();
      end.moveTail(this.#endRow, tail);
      rest.unshift(tail);
    }
    const taken = {
      chunks: this.#chunks.slice(0, this.#endChunk + 1),
      rows: this.#endedRows,
      bytes: this.#endedBytes,
    };
    this.#chunks = rest.length > 0 ? rest : [this.#pool.take()];
    this.#endChunk = 0;
    this.#endRow = 0;
    this.#endedRows = 0;
    this.#endedBytes = 0;
    return taken;
  }

  #last(): Chunk {
    return this.#chunks.at(-1)!;
  }
}
