import { textDecoder, utf8Expansion } from './charsets.ts';
import { writeHex, writeUnsigned64 } from './text-write.ts';

/** Makes text of a kept column's values, where they stand. */
export interface KeptText {
  /** Most bytes of the text of a value that has `length` bytes. */
  maxBytes(length: number): number;
  /**
   * Writes the text, in UTF-8, of `source[at..at + length]`; `length` is of no account where all values
   * have the same. Returns the position after it, or -1 for bytes that are no value of the type.
   */
  write(source: Buffer, at: number, length: number, target: Buffer, to: number): number;
}

/** More than a number or a time can take: a decimal has 65 digits, and its server may fill it up. */
const SHORT_BYTES = 96;

/** Of a type whose texts are short, whatever the value. */
export function shortText(write: KeptText['write']): KeptText {
  return { maxBytes: () => SHORT_BYTES, write };
}

/** Text stays as it is; few columns have any that is not ASCII, which takes the long way. */
export function charsetText(charset: string): KeptText {
  const decode = textDecoder(charset);
  const expansion = utf8Expansion(charset);
  return {
    maxBytes: (length) => expansion * length,
    write(source, at, length, target, to) {
      for (let i = 0; i < length; i++) {
        const byte = source[at + i]!;
        if (byte > 0x7f) {
          const text = decode(source.subarray(at, at + length));
          return text === null ? -1 : to + target.write(text, to, 'utf8');
        }
        target[to + i] = byte;
      }
      return to + length;
    },
  };
}

export const HEX_TEXT: KeptText = {
  maxBytes: (length) => 2 * length,
  write: (source, at, length, target, to) => writeHex(target, to, source, at, length),
};

/** Of the bits as an integer without a sign, big-endian as both have them. */
export function writeBits(
  source: Buffer,
  at: number,
  length: number,
  target: Buffer,
  to: number,
): number {
  if (length > 8) return -1;
  let high = 0;
  let low = 0;
  for (let i = 0; i < length; i++) {
    high = ((high << 8) | (low >>> 24)) >>> 0;
    low = ((low << 8) | source[at + i]!) >>> 0;
  }
  return writeUnsigned64(target, to, high, low);
}
