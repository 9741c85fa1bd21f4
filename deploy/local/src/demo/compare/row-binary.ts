/**
 * Reads ClickHouse's RowBinary from chunks as they arrive: fixed widths, little-endian, strings
 * behind a varint length, NULL as a byte before the value.
 */
export class RowBinary {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  /** Calls `readRow` for each whole row; what is left of the last one waits for the next chunk. */
  take(chunk: Uint8Array, readRow: () => void): void {
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), chunk]);
    this.#at = 0;
    while (this.#at < this.#bytes.length) {
      const start = this.#at;
      try {
        readRow();
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        this.#at = start;
        return;
      }
    }
  }

  /** Bytes that no row has used. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#skip(1));
  }

  uint32(): number {
    return this.#bytes.readUInt32LE(this.#skip(4));
  }

  int32(): number {
    return this.#bytes.readInt32LE(this.#skip(4));
  }

  /** Of 64 bits; refused beyond 2^53, where a double would round. */
  int64(): number {
    const low = this.#bytes.readUInt32LE(this.#skip(4));
    const value = this.#bytes.readInt32LE(this.#skip(4)) * 2 ** 32 + low;
    if (!Number.isSafeInteger(value)) throw new Error(`an integer beyond 2^53: about ${value}`);
    return value;
  }

  float64(): number {
    return this.#bytes.readDoubleLE(this.#skip(8));
  }

  string(): string {
    const length = this.#length();
    const start = this.#skip(length);
    if (this.#at > this.#bytes.length) throw new RangeError('the string goes on in the next chunk');
    return this.#bytes.toString('utf8', start, this.#at);
  }

  /** Of texts to texts. */
  map(): [key: string, value: string][] {
    return Array.from({ length: this.#length() }, () => [this.string(), this.string()]);
  }

  nullable<T>(read: (input: RowBinary) => T): T | null {
    return this.uint8() === 1 ? null : read(this);
  }

  #length(): number {
    let length = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.uint8();
      length += (byte & 127) * shift;
      if (byte < 128) return length;
    }
  }

  #skip(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    return at;
  }
}
