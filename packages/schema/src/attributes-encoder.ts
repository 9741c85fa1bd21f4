import { mayBeObject, writeText } from './attributes-bytes.ts';
import { scanAttributes } from './attributes-scan.ts';
import { type ParsedAttributes, parseAttributes } from './attributes.ts';
import { writeLong, writeString } from './avro-write.ts';
import { textDecoder, type TextDecode, utf8Check, utf8Expansion } from './charsets.ts';

/** What a cached text costs beside its bytes, and the longest one that is kept. */
const ENTRY_BYTES = 160;
const LONGEST_CACHED = 4096;
/** Union branches, integers and lengths; the strings come on top. */
const OVERHEAD_BYTES = 64;

/**
 * Encodes the text of `attributes` as the record's fields from `leap` to `attributes`. Text in the
 * canonical form takes the short way, and text that is no JSON object is copied as it is; the rest is
 * parsed, and remembered when it is short, as few texts come often.
 *
 * Texts can be long and many, and memory outside of V8's heap is given back late: no way allocates any.
 */
export class AttributesEncoder {
  readonly #decode: TextDecode;
  /** Null where the text's bytes are not those of the record. */
  readonly #isText: ((bytes: Buffer) => boolean) | null;
  readonly #expansion: number;
  readonly #cacheBytes: number;
  readonly #cache = new Map<string, Buffer>();
  #cachedBytes = 0;

  constructor(charset: string, { cacheBytes = 4_000_000 }: { readonly cacheBytes?: number } = {}) {
    this.#decode = textDecoder(charset);
    this.#isText = utf8Check(charset);
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

  /**
   * Returns the position after it, or -1 for bytes that are no text of the character set. `target` must
   * have room for `maxBytes`, of which all may have been written to.
   */
  encode(source: Buffer, from: number, to: number, target: Buffer, at: number): number {
    const scanned = scanAttributes(source, from, to, target, at);
    if (scanned >= 0) return scanned;
    if (this.#isText !== null && !mayBeObject(source, from, to)) {
      if (!this.#isText(source.subarray(from, to))) return -1;
      return writeText(source, from, to, target, at);
    }
    if (to - from > LONGEST_CACHED) return this.#parse(source, from, to, target, at);
    const key = source.toString('latin1', from, to);
    const known = this.#cache.get(key);
    if (known) return at + known.copy(target, at);
    const end = this.#parse(source, from, to, target, at);
    if (end >= 0) this.#keep(key, Buffer.from(target.subarray(at, end)));
    return end;
  }

  #parse(source: Buffer, from: number, to: number, target: Buffer, at: number): number {
    const text = this.#decode(source.subarray(from, to));
    return text === null ? -1 : writeAttributes(parseAttributes(text), target, at);
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

function writeAttributes(value: ParsedAttributes, target: Buffer, from: number): number {
  let at = writeOptional(target, from, value.leap);
  at = writeOptional(target, at, value.stratum);
  at = writeOptional(target, at, value.no_response);
  at = writeOptional(target, at, value.error);
  at = writeOptional(target, at, value.warning);
  at = writeOptional(target, at, value.from_ls_id);
  at = writeOptional(target, at, value.from_ss_id);
  return writeOptional(target, at, value.text);
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
