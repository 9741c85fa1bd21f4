import { formatAttributes, type TypedAttributes } from './attributes.ts';
import { AvroReader } from './avro-read.ts';

/** What a remembered text costs beside its characters, and the longest record's part that is remembered. */
const ENTRY_BYTES = 160;
const LONGEST_CACHED = 4096;

const ALL_ABSENT = '\0'.repeat(8);

/**
 * The text that the column `attributes` has, of the fields `leap` to `attributes` that a datum has for it.
 * Few texts come often, and are remembered, as in `AttributesEncoder`.
 */
export class AttributesText {
  readonly #cacheBytes: number;
  readonly #cache = new Map<string, string>();
  readonly #reader = new AvroReader();
  #cachedBytes = 0;

  constructor({ cacheBytes = 4_000_000 }: { readonly cacheBytes?: number } = {}) {
    this.#cacheBytes = cacheBytes;
  }

  /** Memory that the cache takes, about. */
  get cachedBytes(): number {
    return this.#cachedBytes;
  }

  /** @param from where `leap` begins. Null for NULL. */
  of(bytes: Buffer, from: number): string | null {
    const to = this.#end(bytes, from);
    if (to - from > LONGEST_CACHED) return this.#read(bytes, from);
    const key = bytes.toString('latin1', from, to);
    if (key === ALL_ABSENT) return null;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const text = this.#read(bytes, from);
    this.#keep(key, text);
    return text;
  }

  /** Where `attributes` ends. */
  #end(bytes: Buffer, from: number): number {
    const reader = this.#reader;
    reader.bytes = bytes;
    reader.at = from;
    if (reader.isPresent()) reader.long();
    if (reader.isPresent()) reader.long();
    if (reader.isPresent()) reader.boolean();
    if (reader.isPresent()) reader.skipString();
    if (reader.isPresent()) reader.skipString();
    if (reader.isPresent()) reader.long();
    if (reader.isPresent()) reader.long();
    if (reader.isPresent()) reader.skipString();
    return reader.at;
  }

  #read(bytes: Buffer, from: number): string {
    const reader = this.#reader;
    reader.bytes = bytes;
    reader.at = from;
    const typed: TypedAttributes = {
      leap: reader.isPresent() ? reader.long() : null,
      stratum: reader.isPresent() ? reader.long() : null,
      no_response: reader.isPresent() ? reader.boolean() : null,
      error: reader.isPresent() ? reader.string() : null,
      warning: reader.isPresent() ? reader.string() : null,
      from_ls_id: reader.isPresent() ? reader.long() : null,
      from_ss_id: reader.isPresent() ? reader.long() : null,
    };
    return reader.isPresent() ? reader.string() : formatAttributes(typed);
  }

  #keep(key: string, text: string): void {
    const size = key.length + text.length * 2 + ENTRY_BYTES;
    if (this.#cachedBytes + size > this.#cacheBytes) {
      this.#cache.clear();
      this.#cachedBytes = 0;
    }
    this.#cache.set(key, text);
    this.#cachedBytes += size;
  }
}
