/** Of Kafka's flexible messages: a structure ends in tagged fields, of which there are none. */
export const NO_TAGS = Buffer.of(0);

/** The most that one byte of a varint says, of a length and one. */
const LONGEST = 0x7e;

export function compactString(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([lengthOf(bytes), bytes]);
}

export function compactArray(items: readonly Buffer[]): Buffer {
  return Buffer.concat([lengthOf(items), ...items]);
}

function lengthOf({ length }: { readonly length: number }): Buffer {
  if (length > LONGEST) throw new Error(`${length} is more than ${LONGEST}`);
  return Buffer.of(length + 1);
}

/** Reads a flexible message from its begin to its end. */
export class CompactReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  string(): string {
    const length = this.#varint() - 1;
    const from = this.#at;
    this.#at += length;
    return this.#bytes.toString('utf8', from, this.#at);
  }

  array<T>(read: () => T): T[] {
    return Array.from({ length: this.#varint() - 1 }, read);
  }

  tags(): void {
    for (let left = this.#varint(); left > 0; left--) {
      this.#varint();
      this.#at += this.#varint();
    }
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
}
