import { writeLong } from './avro-write.ts';

/** `leap` to `from_ss_id`, each absent. */
const TYPED_FIELDS = 7;

/**
 * Whether a text may be a JSON object, by its first and last byte. No other text has fields, and need not be
 * parsed to know it: what is no JSON at all, and what was cut off.
 */
export function mayBeObject(source: Uint8Array, from: number, to: number): boolean {
  let first = from;
  while (first < to && isSpace(source[first]!)) first++;
  let last = to - 1;
  while (last > first && isSpace(source[last]!)) last--;
  return first < last && source[first] === 0x7b && source[last] === 0x7d;
}

/** Writes a text without fields, whose bytes are UTF-8 as they stand. Returns the position after it. */
export function writeText(
  source: Buffer,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
): number {
  let w = at;
  for (let i = 0; i < TYPED_FIELDS; i++) target[w++] = 0;
  target[w++] = 2;
  w = writeLong(target, w, to - from);
  return w + source.copy(target, w, from, to);
}

/** What JSON takes for a space; in UTF-8 none of these is a part of another character. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
