import { writeLong } from './avro-write.ts';
import type { KeptText } from './kept-text.ts';

/** A column without a field. */
export interface ExtraColumn {
  readonly name: string;
  readonly text: KeptText;
}

/** Longest form of a length or a count. */
const LENGTH_BYTES = 10;

/** Writes the map `extra`: an entry for each column that is not NULL, in the order of the table. */
export class ExtraWriter {
  readonly #keys: readonly Buffer[];
  readonly #texts: readonly KeptText[];
  /** Of all keys, lengths and counts. */
  readonly #overhead: number;

  constructor(columns: readonly ExtraColumn[]) {
    this.#keys = columns.map(({ name }) => keyOf(name));
    this.#texts = columns.map(({ text }) => text);
    this.#overhead = this.#keys.reduce(
      (sum, key) => sum + key.length + LENGTH_BYTES,
      2 * LENGTH_BYTES,
    );
  }

  /** @param positions where each value stands, -1 = NULL. The columns' are those from `from` on. */
  maxBytes(positions: Int32Array, lengths: Float64Array, from: number): number {
    let bytes = this.#overhead;
    for (let i = 0; i < this.#texts.length; i++) {
      if (positions[from + i]! >= 0) bytes += this.#texts[i]!.maxBytes(lengths[from + i]!);
    }
    return bytes;
  }

  /** Returns the position after it, or `-1 - n` when the value of column `n` is none of its type. */
  write(
    source: Buffer,
    positions: Int32Array,
    lengths: Float64Array,
    from: number,
    target: Buffer,
    at: number,
  ): number {
    let present = 0;
    for (let i = 0; i < this.#texts.length; i++) if (positions[from + i]! >= 0) present++;
    if (present === 0) {
      target[at] = 0;
      return at + 1;
    }
    let w = writeLong(target, at, present);
    for (let i = 0; i < this.#texts.length; i++) {
      const value = positions[from + i]!;
      if (value < 0) continue;
      w += this.#keys[i]!.copy(target, w);
      // Its length stands before it, and is known after it.
      const start = w + LENGTH_BYTES;
      const end = this.#texts[i]!.write(source, value, lengths[from + i]!, target, start);
      if (end < 0) return -1 - i;
      w = writeLong(target, w, end - start);
      target.copyWithin(w, start, end);
      w += end - start;
    }
    target[w] = 0;
    return w + 1;
  }
}

/** Behind its length. */
function keyOf(name: string): Buffer {
  const text = Buffer.from(name);
  const key = Buffer.alloc(LENGTH_BYTES + text.length);
  const at = writeLong(key, 0, text.length);
  return key.subarray(0, at + text.copy(key, at));
}
