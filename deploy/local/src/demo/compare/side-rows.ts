import { hash } from 'node:crypto';

import { RowBytes } from './row-bytes.ts';
import type { Row } from './row.ts';

/**
 * Everything that a comparison keeps of one side: id and 64 bits of hash for each row, in typed
 * arrays, and the sum of all hashes. A million rows take 16 MB.
 */
export class SideRows {
  readonly #bytes = new RowBytes();
  #length = 0;
  #ids = new Float64Array(65_536);
  #high = new Uint32Array(65_536);
  #low = new Uint32Array(65_536);
  readonly #sum = new Uint32Array(4);

  get length(): number {
    return this.#length;
  }

  add(row: Row): void {
    const digest = hash('sha256', this.#bytes.of(row), 'buffer');
    if (this.#length === this.#ids.length) this.#grow();
    this.#ids[this.#length] = row.id;
    this.#high[this.#length] = digest.readUInt32BE(0);
    this.#low[this.#length] = digest.readUInt32BE(4);
    this.#length++;
    let carry = 0;
    for (let word = 3; word >= 0; word--) {
      const sum = (this.#sum[word] ?? 0) + digest.readUInt32BE(word * 4) + carry;
      carry = sum > 0xffffffff ? 1 : 0;
      this.#sum[word] = sum;
    }
  }

  /** Over all rows, whatever their order: the sum of their SHA-256's first halves, mod 2^128; hexadecimal. */
  get hash(): string {
    return [...this.#sum].map((word) => word.toString(16).padStart(8, '0')).join('');
  }

  /** The rows by id. */
  sorted(): SortedRows {
    const order = orderOf(this.#ids.subarray(0, this.#length));
    const ids = new Float64Array(order.length);
    const hashes = new BigUint64Array(order.length);
    const words = new Uint32Array(hashes.buffer);
    for (const [to, from] of order.entries()) {
      ids[to] = this.#ids[from] ?? 0;
      words[to * 2] = this.#low[from] ?? 0;
      words[to * 2 + 1] = this.#high[from] ?? 0;
    }
    return { ids, hashes };
  }

  #grow(): void {
    const length = this.#length * 2;
    const [ids, high, low] = [this.#ids, this.#high, this.#low];
    (this.#ids = new Float64Array(length)).set(ids);
    (this.#high = new Uint32Array(length)).set(high);
    (this.#low = new Uint32Array(length)).set(low);
  }
}

export interface SortedRows {
  readonly ids: Float64Array;
  readonly hashes: BigUint64Array;
}

const DIGIT = 65_536;

/** Indexes in ascending order of what they point to: a radix sort, as long as the ids are wide. */
function orderOf(ids: Float64Array): Uint32Array {
  let order = Uint32Array.from(ids, (_, index) => index);
  let next = new Uint32Array(ids.length);
  let [least, most] = [Infinity, -Infinity];
  for (const id of ids) [least, most] = [Math.min(least, id), Math.max(most, id)];
  for (let divisor = 1; (most - least) / divisor >= 1; divisor *= DIGIT) {
    const starts = new Uint32Array(DIGIT + 1);
    const digits = Uint32Array.from(
      order,
      (i) => Math.floor(((ids[i] ?? 0) - least) / divisor) % DIGIT,
    );
    for (const digit of digits) starts[digit + 1]!++;
    for (let digit = 0; digit < DIGIT; digit++) starts[digit + 1]! += starts[digit]!;
    for (const [at, index] of order.entries()) next[starts[digits[at]!]!++] = index;
    [order, next] = [next, order];
  }
  return order;
}
