import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Ids of one bucket. */
export const BUCKET_IDS = 65_536;
const BYTES = BUCKET_IDS / 8;

/** Small memory, since it is set up for every call: 8 KB of bits need no more. */
const DEFLATE = { level: 1, windowBits: 13, memLevel: 5 } as const;

/** Which ids of a bucket are in a set, by their number within the bucket. A full set holds no bits. */
export class IdBits {
  #bits: Uint8Array | null = null;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count === BUCKET_IDS;
  }

  has(low: number): boolean {
    if (this.#bits === null) return this.full;
    return (this.#bits[low >> 3]! & (1 << (low & 7))) !== 0;
  }

  /** False when it was there already. */
  add(low: number): boolean {
    if (this.full) return false;
    this.#bits ??= new Uint8Array(BYTES);
    const mask = 1 << (low & 7);
    const byte = this.#bits[low >> 3]!;
    if ((byte & mask) !== 0) return false;
    this.#bits[low >> 3] = byte | mask;
    if (++this.#count === BUCKET_IDS) this.#bits = null;
    return true;
  }

  /** Ascending. */
  *[Symbol.iterator](): Generator<number> {
    for (let low = 0; low < BUCKET_IDS; low++) if (this.has(low)) yield low;
  }

  /** Deflated; of no bytes when none or all are set, which the count tells. */
  encode(): Buffer {
    return this.#bits === null ? Buffer.alloc(0) : deflateRawSync(this.#bits, DEFLATE);
  }

  /** @throws RangeError when the bytes are not a set of so many ids. */
  static decode(count: number, bytes: Buffer): IdBits {
    const read = new IdBits();
    read.#count = count;
    if (bytes.length === 0 && (count === 0 || count === BUCKET_IDS)) return read;
    read.#bits = new Uint8Array(inflate(bytes));
    const found = ones(read.#bits);
    if (found !== count || found === 0 || found === BUCKET_IDS) {
      throw new RangeError(`${found} ids in the bitmap of a bucket that counts ${count}`);
    }
    return read;
  }
}

function inflate(bytes: Buffer): Buffer {
  let bits: Buffer;
  try {
    bits = inflateRawSync(bytes, { maxOutputLength: BYTES });
  } catch (cause) {
    throw new RangeError('the bitmap cannot be inflated', { cause });
  }
  if (bits.length !== BYTES) throw new RangeError(`a bitmap of ${bits.length} bytes, not ${BYTES}`);
  return bits;
}

function ones(bits: Uint8Array): number {
  let count = 0;
  for (const byte of bits) count += ONES[byte]!;
  return count;
}

const ONES = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
});
