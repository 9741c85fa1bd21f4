import { isAscii, isUtf8 } from 'node:buffer';

/**
 * MySQL's latin1 is Windows-1252, whose five holes are the C1 controls: the characters of 0x80 to
 * 0x9f. (TextDecoder's windows-1252 is not the same in every version of Node.)
 */
const LATIN1_80_9F =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** Turns a column's bytes into text; null when they are not text of that character set. */
export type TextDecode = (bytes: Buffer) => string | null;

/**
 * For character sets whose text is UTF-8 as it stands: whether bytes are such text. Null for the others,
 * which take a decoder.
 */
export function utf8Check(charset: string): ((bytes: Buffer) => boolean) | null {
  switch (charset) {
    case 'utf8mb4':
    case 'utf8mb3':
    case 'utf8':
      return isUtf8;
    case 'ascii':
      return isAscii;
    default:
      return null;
  }
}

/** Most bytes that one byte of a column becomes in UTF-8. */
export function utf8Expansion(charset: string): number {
  return charset === 'latin1' ? 3 : 1;
}

export function textDecoder(charset: string): TextDecode {
  const check = utf8Check(charset);
  if (check !== null) return (bytes) => (check(bytes) ? bytes.toString('utf8') : null);
  if (charset !== 'latin1') throw new RangeError(`text in ${charset} cannot be read`);
  return (bytes) =>
    bytes.toString('latin1').replace(/[\u0080-\u009f]/g, (character) => {
      return LATIN1_80_9F.charAt(character.charCodeAt(0) - 0x80);
    });
}
