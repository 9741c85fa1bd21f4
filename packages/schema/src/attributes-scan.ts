import { BYTE_MAX, LONG_MAX } from './attributes.ts';
import { writeLong } from './avro-write.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const KEYS = ['leap', 'stratum', 'no_response', 'error', 'warning', 'from_ls_id', 'from_ss_id'].map(
  (name) => Buffer.from(`"${name}":`),
);

const ALL_ABSENT = Buffer.alloc(KEYS.length + 1);

/** The fields of a row whose `attributes` is NULL. */
export function writeAbsent(target: Uint8Array, at: number): number {
  for (let i = 0; i < ALL_ABSENT.length; i++) target[at + i] = 0;
  return at + ALL_ABSENT.length;
}

/**
 * The short way for what nearly every row has: text in the canonical form (see `attributes.ts`), of
 * ASCII. Reads it as bytes and writes Avro, `leap` to `attributes`, as it goes. Returns the position
 * after it, or -1 for text that must go the long way; bytes from `at` on may have been written then.
 */
export function scanAttributes(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
): number {
  const end = to - 1;
  if (end <= from || source[from] !== 0x7b || source[end] !== 0x7d) return -1;
  let p = from + 1;
  let w = at;
  for (let i = 0; i < KEYS.length; i++) {
    const value = afterKey(source, p, KEYS[i]!, p > from + 1);
    if (value < 0) {
      target[w++] = 0;
      continue;
    }
    target[w++] = 2;
    if (i === 2) {
      const width = booleanWidth(source, value);
      if (width === 0) return -1;
      target[w++] = width === TRUE.length ? 1 : 0;
      p = value + width;
    } else if (i === 3 || i === 4) {
      const length = measureString(source, value, end);
      if (length < 0) return -1;
      w = writeLong(target, w, length);
      p = copyString(source, value, length, target, w);
      w += length;
    } else {
      const number = readInteger(source, value, i < 2 ? BYTE_MAX : LONG_MAX);
      if (number < 0) return -1;
      w = writeLong(target, w, number);
      p = value + digits;
    }
  }
  if (p !== end || p === from + 1) return -1;
  target[w++] = 0;
  return w;
}

/** Where the value begins if the key stands at `at`, behind a comma where it is not the first; or -1. */
function afterKey(source: Uint8Array, at: number, key: Uint8Array, comma: boolean): number {
  let p = at;
  if (comma && source[p++] !== 0x2c) return -1;
  for (let i = 0; i < key.length; i++) if (source[p + i] !== key[i]) return -1;
  return p + key.length;
}

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/** Bytes of the boolean at `at`, 0 when there is none. */
function booleanWidth(source: Uint8Array, at: number): number {
  const word = source[at] === TRUE[0] ? TRUE : FALSE;
  for (let i = 0; i < word.length; i++) if (source[at + i] !== word[i]) return 0;
  return word.length;
}

/** Digits that the last `readInteger` read. */
let digits = 0;

/** A decimal integer without leading zeros, or -1. */
function readInteger(source: Uint8Array, at: number, max: number): number {
  let value = 0;
  let p = at;
  for (;;) {
    const digit = source[p]! - 0x30;
    if (!(digit >= 0 && digit <= 9)) break;
    // Sixteen digits may be above 2^53, where this sum rounds; 2^53 itself does not look smaller.
    value = value * 10 + digit;
    if (value > max) return -1;
    p++;
  }
  digits = p - at;
  return digits === 0 || (digits > 1 && source[at] === 0x30) ? -1 : value;
}

/** Bytes of the string at `at` without its escapes, or -1 unless it is canonical ASCII. */
function measureString(source: Uint8Array, at: number, end: number): number {
  if (source[at] !== QUOTE) return -1;
  let length = 0;
  for (let p = at + 1; p < end; length++) {
    const byte = source[p]!;
    if (byte === QUOTE) return length;
    if (byte === BACKSLASH) {
      const width = escapeWidth(source, p + 1);
      if (width === 0) return -1;
      p += width;
    } else if (byte < 0x20 || byte > 0x7f || byte === 0x3c || byte === 0x3e || byte === 0x26) {
      return -1;
    } else p++;
  }
  return -1;
}

/** Copies a measured string without its escapes; returns the position behind its closing quote. */
function copyString(
  source: Uint8Array,
  at: number,
  length: number,
  target: Uint8Array,
  to: number,
): number {
  let p = at + 1;
  for (let i = 0; i < length; i++) {
    const byte = source[p]!;
    if (byte === BACKSLASH) {
      target[to + i] = unescaped(source, p + 1);
      p += escapeWidth(source, p + 1);
    } else {
      target[to + i] = byte;
      p++;
    }
  }
  return p + 1;
}

/** Bytes of a canonical escape with its backslash, 0 for any other. */
function escapeWidth(source: Uint8Array, at: number): number {
  switch (source[at]!) {
    case QUOTE:
    case BACKSLASH:
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return 2;
    case 0x75: // u, for <, > and &
      return isHtmlEscape(source, at + 1) ? 6 : 0;
    default:
      return 0;
  }
}

function isHtmlEscape(source: Uint8Array, at: number): boolean {
  if (source[at] !== 0x30 || source[at + 1] !== 0x30) return false;
  const high = source[at + 2];
  const low = source[at + 3];
  return high === 0x33 ? low === 0x63 || low === 0x65 : high === 0x32 && low === 0x36;
}

function unescaped(source: Uint8Array, at: number): number {
  const byte = source[at]!;
  switch (byte) {
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    case 0x6e:
      return 0x0a;
    case 0x72:
      return 0x0d;
    case 0x74:
      return 0x09;
    case 0x75: {
      const low = source[at + 4];
      return low === 0x63 ? 0x3c : low === 0x65 ? 0x3e : 0x26;
    }
    default:
      return byte;
  }
}
