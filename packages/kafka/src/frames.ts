/** Bytes of the length that an answer begins with. */
const LENGTH_BYTES = 4;
/** What a length alone is believed: what answers may be no broker. */
const BELIEVED_BYTES = 16 << 20;

/**
 * Puts a broker's answers together, each in memory of its own, from pieces that are only lent. What
 * comes out begins with its length, as it came.
 */
export class Frames {
  readonly #whole: (frame: Buffer) => void;
  readonly #length = Buffer.alloc(LENGTH_BYTES);
  /** Null until its length is known. */
  #frame: Buffer | null = null;
  #size = LENGTH_BYTES;
  #filled = 0;

  /** @param whole is called with each answer, which nobody else uses. */
  constructor(whole: (frame: Buffer) => void) {
    this.#whole = whole;
  }

  /** @throws RangeError when no broker could have sent this. */
  take(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length;) {
      const to = Math.min(bytes.length, from + this.#size - this.#filled);
      const target = this.#frame === null ? this.#length : this.#room(this.#filled + to - from);
      target.set(bytes.subarray(from, to), this.#filled);
      this.#filled += to - from;
      from = to;
      if (this.#filled < this.#size) return;
      if (this.#frame === null) this.#begin();
      else this.#end(this.#frame);
    }
  }

  #begin(): void {
    const length = this.#length.readInt32BE();
    if (length <= 0) throw new RangeError(`an answer of ${length} bytes is no broker's`);
    this.#size = LENGTH_BYTES + length;
    this.#frame = Buffer.allocUnsafeSlow(Math.min(this.#size, BELIEVED_BYTES));
    this.#length.copy(this.#frame);
  }

  #end(frame: Buffer): void {
    this.#frame = null;
    this.#filled = 0;
    this.#size = LENGTH_BYTES;
    this.#whole(frame);
  }

  #room(needed: number): Buffer {
    const frame = this.#frame!;
    if (needed <= frame.length) return frame;
    const grown = Buffer.allocUnsafeSlow(Math.min(this.#size, frame.length * 2));
    frame.copy(grown, 0, 0, this.#filled);
    this.#frame = grown;
    return grown;
  }
}
