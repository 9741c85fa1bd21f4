import { scanAttributes } from './attributes-scan.ts';
import { type ParsedAttributes, parseAttributes } from './attributes.ts';
import { writeLong, writeString } from './avro-write.ts';
import { textDecoder, type TextDecode, utf8Expansion } from './charsets.ts';

/** What a cached text costs beside its bytes, and the longest one that is kept. */
const ENTRY_BYTES = 160;
const LONGEST_CACHED = 4096;
/** Union branches, integers and lengths; the strings come on top. */
const OVERHEAD_BYTES = 64;

/**
 * Encodes the text of `attributes` as the record's fields from `leap` to `attributes`. Text in the
 * canonical form takes the short way; the rest is parsed once and remembered, as few texts come often.
 */
export class AttributesEncoder {
  readonly #decode: TextDecode;
  readonly #expansion: number;
  readonly #cacheBytes: number;
  readonly #cache = new Map<string, Buffer>();
  #cachedBytes = 0;

  constructor(charset: string, { cacheBytes = 4_000_000 }: { readonly cacheBytes?: number } = {}) {
    this.#decode = textDecoder(charset);
    this.#expansion = utf8Expansion(charset);
    this.#cacheBytes = cacheBytes;
  }

  /** Memory that the cache takes, about. */
  get cachedBytes(): number {
    return this.#cachedBytes;
  }

  /** Most bytes that text of this length is encoded in: the fields' strings, and the text itself. */
  maxBytes(length: number): number {
    return OVERHEAD_BYTES + 2 * this.#expansion * length;
  }

  /** Returns the position after it, or -1 for bytes that are no text of the character set. */
  encode(source: Buffer, from: number, to: number, target: Buffer, at: number): number {
    const scanned = scanAttributes(source, from, to, target, at);
    if (scanned >= 0) return scanned;
    const encoded = this.#lookUp(source, from, to);
    return encoded ? at + encoded.copy(target, at) : -1;
  }

  #lookUp(source: Buffer, from: number, to: number): Buffer | null {
    if (to - from > LONGEST_CACHED) return this.#parse(source, from, to);
    const key = source.toString('latin1', from, to);
    const known = this.#cache.get(key);
    if (known) return known;
    const encoded = this.#parse(source, from, to);
    if (encoded) this.#keep(key, encoded);
    return encoded;
  }

  #parse(source: Buffer, from: number, to: number): Buffer | null {
    const text = this.#decode(source.subarray(from, to));
    return text === null ? null : encodeAttributes(parseAttributes(text));
  }

  #keep(key: string, encoded: Buffer): void {
    const bytes = key.length + encoded.length + ENTRY_BYTES;
    if (this.#cachedBytes + bytes > this.#cacheBytes) {
      this.#cache.clear();
      this.#cachedBytes = 0;
    }
    this.#cache.set(key, encoded);
    this.#cachedBytes += bytes;
  }
}

function encodeAttributes(value: ParsedAttributes): Buffer {
  const texts = [value.error, value.warning, value.text];
  const length = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), OVERHEAD_BYTES);
  const target = Buffer.alloc(length);
  let at = writeOptional(target, 0, value.leap);
  at = writeOptional(target, at, value.stratum);
  at = writeOptional(target, at, value.no_response);
  at = writeOptional(target, at, value.error);
  at = writeOptional(target, at, value.warning);
  at = writeOptional(target, at, value.from_ls_id);
  at = writeOptional(target, at, value.from_ss_id);
  at = writeOptional(target, at, value.text);
  return Buffer.from(target.subarray(0, at));
}

function writeOptional(
  target: Buffer,
  at: number,
  value: number | boolean | string | null,
): number {
  if (value === null) {
    target[at] = 0;
    return at + 1;
  }
  target[at] = 2;
  if (typeof value === 'number') return writeLong(target, at + 1, value);
  if (typeof value === 'boolean') {
    target[at + 1] = value ? 1 : 0;
    return at + 2;
  }
  return writeString(target, at + 1, value);
}
