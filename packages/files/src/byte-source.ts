/** Bytes that come in parts, taken in pieces of any size. */
export class ByteSource {
  readonly #parts: AsyncIterator<Uint8Array>;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(parts: AsyncIterable<Uint8Array>) {
    this.#parts = parts[Symbol.asyncIterator]();
  }

  /** Whether so many are left. They are in memory then. */
  async has(count: number): Promise<boolean> {
    const parts: Uint8Array[] = [];
    let length = this.#bytes.length - this.#at;
    while (length < count) {
      const next = await this.#parts.next();
      if (next.done === true) break;
      parts.push(next.value);
      length += next.value.length;
    }
    if (parts.length > 0) {
      this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), ...parts]);
      this.#at = 0;
    }
    return length >= count;
  }

  /** Of those in memory, at most so many of the next. They are not taken. */
  peek(count: number): Buffer {
    return this.#bytes.subarray(this.#at, this.#at + count);
  }

  /** Valid until the next call. @throws RangeError when fewer are left. */
  async bytes(count: number): Promise<Buffer> {
    if (count < 0 || !Number.isSafeInteger(count)) throw new RangeError(`${count} bytes`);
    if (!(await this.has(count))) throw new RangeError('it ends too early');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** Lets go of what the parts come from, when they are not read to their end. */
  async close(): Promise<void> {
    await this.#parts.return?.();
  }

  /** Avro's number of variable length. @throws RangeError when it is longer than one. */
  async long(): Promise<number> {
    let value = 0;
    for (let scale = 1, length = 1; ; scale *= 128, length++) {
      const [byte = 0] = await this.bytes(1);
      value += (byte & 0x7f) * scale;
      if (byte <= 0x7f) return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
      if (length === 8) throw new RangeError('a number is too long');
    }
  }
}
