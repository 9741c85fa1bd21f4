import { Block } from '@scoreline/schema';

/** Rows are collected in blocks of about this size, so that what is published can be let go of. */
export const CHUNK_BYTES = 1024 * 1024;
const CHUNK_ROWS = 12 * 1024;
/**
 * Room for one more row with the longest `text`, whose encoding is not known to be short until it is done: a
 * block that has to grow for it takes twice the memory. Pages that nothing is written to cost nothing.
 */
const SPARE_BYTES = 400 * 1024;

/** A block with the time that each row's record will carry. */
export class Chunk {
  readonly block = new Block(CHUNK_BYTES + SPARE_BYTES, CHUNK_ROWS);
  /** Milliseconds since the epoch; set when the row's group has ended. */
  times = new Float64Array(CHUNK_ROWS);

  get full(): boolean {
    return this.block.byteLength >= CHUNK_BYTES || this.block.rows >= CHUNK_ROWS - 256;
  }

  /** Gives the rows from `from` on their time. */
  stamp(from: number, timeMs: number): void {
    const { rows, ends } = this.block;
    if (this.times.length < rows) {
      const grown = new Float64Array(ends.length);
      grown.set(this.times);
      this.times = grown;
    }
    this.times.fill(timeMs, from, rows);
  }

  /** Gives every row its own `ts` as its time, for want of its commit's. Kafka has no time before 1970. */
  stampOwn(): void {
    this.stamp(0, 0);
    const { rows, timestampsUs } = this.block;
    for (let row = 0; row < rows; row++) {
      this.times[row] = Math.max(0, Math.floor(timestampsUs[row]! / 1000));
    }
  }

  /** Takes these rows out, ascending; the others keep their order. */
  drop(rows: readonly number[]): void {
    const { block, times } = this;
    let to = rows[0] ?? block.rows;
    let next = 0;
    for (let row = to; row < block.rows; row++) {
      if (row === rows[next]) {
        next++;
        continue;
      }
      block.move(row, to);
      times[to++] = times[row]!;
    }
    block.truncate(to);
  }

  /** Moves the rows from `from` on to the end of another chunk. */
  moveTail(from: number, target: Chunk): void {
    const { block } = this;
    for (let row = from; row < block.rows; row++) {
      const start = block.start(row);
      const end = block.ends[row]!;
      target.block.reserve(end - start);
      const at = target.block.byteLength;
      block.bytes.copy(target.block.bytes, at, start, end);
      target.block.push(
        at + end - start,
        block.ids[row]!,
        block.serverIds[row]!,
        block.timestampsUs[row]!,
      );
    }
    block.truncate(from);
  }
}

/** Keeps emptied chunks for use again: a chunk is 1.5 MB that the garbage collector need not see. */
export class ChunkPool {
  readonly #free: Chunk[] = [];
  readonly #keep: number;

  constructor(keep: number) {
    this.#keep = keep;
  }

  take(): Chunk {
    return this.#free.pop() ?? new Chunk();
  }

  give(chunk: Chunk): void {
    chunk.block.truncate(0);
    // A chunk that grew for large rows is let go.
    if (this.#free.length < this.#keep && chunk.block.bytes.length <= 2 * CHUNK_BYTES) {
      this.#free.push(chunk);
    }
  }
}
