/** Ids that one word says: a destination that counts them by its own means answers so, thirty-two in a number. */
export const WORD_IDS = 32;

const BATCH_IDS = 65_536;

/** Ids out of words, handed on many at a time: an array of them is valid until the next one is asked for. */
export class WordIds {
  readonly #ids = new Float64Array(BATCH_IDS + WORD_IDS);
  #length = 0;

  /**
   * @param bits of the ids from `first` on, the lowest bit for `first` itself: 0 to 2^32-1.
   * @returns how many there are.
   */
  add(first: number, bits: number): number {
    const before = this.#length;
    for (let left = bits >>> 0, id = first; left !== 0; left >>>= 1, id++) {
      if ((left & 1) === 1) this.#ids[this.#length++] = id;
    }
    return this.#length - before;
  }

  get isFull(): boolean {
    return this.#length >= BATCH_IDS;
  }

  take(): Float64Array {
    const taken = this.#ids.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }
}
