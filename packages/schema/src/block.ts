/**
 * The currency of the pipeline: rows encoded once, with what the rules need to know of each beside
 * them, and no object per row.
 *
 * `bytes` holds Avro datums back to back (no wire header); row `i` is
 * `bytes[i === 0 ? 0 : ends[i - 1] .. ends[i]]`. Both grow as needed; `truncate` cuts rows off again
 * (ROLLBACK, ROLLBACK TO SAVEPOINT).
 */
export class Block {
  /** Rows in the block. */
  rows = 0;
  /** Bytes in use. */
  byteLength = 0;
  bytes: Buffer;
  /** End of each row in `bytes`. */
  ends: Uint32Array;
  /** Primary key; at most 2^53 - 1, which the encoder checks. */
  ids: Float64Array;
  /** The record's key, and so its partition. */
  serverIds: Float64Array;
  /** The row's own `ts`, microseconds since the epoch. */
  timestampsUs: Float64Array;

  constructor(bytes = 64 * 1024, rows = 1024) {
    this.bytes = Buffer.allocUnsafeSlow(bytes);
    this.ends = new Uint32Array(rows);
    this.ids = new Float64Array(rows);
    this.serverIds = new Float64Array(rows);
    this.timestampsUs = new Float64Array(rows);
  }

  /** Makes room for a row of up to `bytes` bytes after the last one. */
  reserve(bytes: number): void {
    const needed = this.byteLength + bytes;
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
      this.bytes.copy(grown, 0, 0, this.byteLength);
      this.bytes = grown;
    }
    if (this.rows === this.ends.length) {
      this.ends = grow(this.ends, Uint32Array);
      this.ids = grow(this.ids, Float64Array);
      this.serverIds = grow(this.serverIds, Float64Array);
      this.timestampsUs = grow(this.timestampsUs, Float64Array);
    }
  }

  /** Closes the row whose bytes end at `end`, after `reserve`. */
  push(end: number, id: number, serverId: number, timestampUs: number): void {
    const row = this.rows++;
    this.ends[row] = end;
    this.ids[row] = id;
    this.serverIds[row] = serverId;
    this.timestampsUs[row] = timestampUs;
    this.byteLength = end;
  }

  /** Where row `row` begins in `bytes`. */
  start(row: number): number {
    return row === 0 ? 0 : this.ends[row - 1]!;
  }

  /**
   * Moves a row forward to the place of row `to`, over rows that are taken out. Rows are moved in their
   * order, to places without a gap; `truncate` ends it.
   */
  move(from: number, to: number): void {
    const start = this.start(from);
    const end = this.ends[from]!;
    const at = this.start(to);
    this.bytes.copyWithin(at, start, end);
    this.ends[to] = at + end - start;
    this.ids[to] = this.ids[from]!;
    this.serverIds[to] = this.serverIds[from]!;
    this.timestampsUs[to] = this.timestampsUs[from]!;
  }

  truncate(rows: number): void {
    this.byteLength = this.start(rows);
    this.rows = rows;
  }
}

function grow<T extends Uint32Array | Float64Array>(old: T, Kind: new (length: number) => T): T {
  const grown = new Kind(old.length * 2);
  grown.set(old);
  return grown;
}
