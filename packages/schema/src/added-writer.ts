import { writeLong } from './avro-write.ts';
import { readInteger, writeDouble } from './row-values.ts';
import type { AddedColumn } from './topic-version.ts';

/** How an added column stands in a row. */
export interface AddedForm {
  readonly family: AddedColumn['family'];
  /** Bytes of its number, little-endian; of no meaning where the table lacks it. */
  readonly width: number;
  readonly unsigned: boolean;
}

/** A union's branch, and the longest varint. */
const FIELD_BYTES = 11;

/** Writes the fields that a version has behind those of version 1. */
export class AddedWriter {
  readonly maxBytes: number;
  readonly #columns: readonly AddedForm[];

  constructor(columns: readonly AddedForm[]) {
    this.#columns = columns;
    this.maxBytes = columns.length * FIELD_BYTES;
  }

  /** @param positions where each value stands, -1 = NULL. The columns' are those from `from` on. */
  write(source: Buffer, positions: Int32Array, from: number, target: Buffer, at: number): number {
    let w = at;
    for (let i = 0; i < this.#columns.length; i++) {
      const value = positions[from + i]!;
      if (value < 0) {
        target[w++] = 0;
        continue;
      }
      target[w++] = 2;
      const { family, width, unsigned } = this.#columns[i]!;
      w =
        family === 'number'
          ? writeDouble(source, value, width, target, w)
          : writeLong(target, w, readInteger(source, value, width, unsigned));
    }
    return w;
  }
}
