import { copyDecimal } from './decimal-text.ts';
import { integerText } from './image-text.ts';
import { charsetText, HEX_TEXT, type KeptText, shortText, writeBits } from './kept-text.ts';
import type { KeptKind } from './kept-types.ts';
import {
  writeDate,
  writeDigits,
  writeDoubleText,
  writeFloatText,
  writeTime,
} from './text-write.ts';

export interface KeptInResult {
  readonly kind: KeptKind;
  readonly unsigned: boolean;
  readonly charset: string | null;
  /** Bytes of a number; 0 = something behind its length. */
  readonly width: number;
}

/** How the values of a column in binary results become text: the text that `imageText` makes of them. */
export function valueText({ kind, unsigned, charset, width }: KeptInResult): KeptText {
  switch (kind) {
    case 'integer':
      return integerText(width, unsigned);
    case 'float':
      return shortText((source, at, _, target, to) =>
        writeFloatText(target, to, source.readFloatLE(at)),
      );
    case 'double':
      return shortText((source, at, _, target, to) =>
        writeDoubleText(target, to, source.readDoubleLE(at)),
      );
    case 'decimal':
      return { maxBytes: (length) => length, write: copyDecimal };
    case 'bit':
      return shortText(writeBits);
    case 'text':
    case 'enum':
    case 'set':
      return charsetText(charset!);
    case 'bytes':
      return HEX_TEXT;
    case 'date':
      return shortText(dateText);
    case 'datetime':
    case 'timestamp':
      return shortText(dateTimeText);
    case 'time':
      return shortText(timeText);
    case 'year':
      return shortText((source, at, _, target, to) =>
        writeDigits(target, to, source.readUInt16LE(at), 4),
      );
    default:
      return kind satisfies never;
  }
}

/** Year, month, day; nothing for zero. */
function dateText(source: Buffer, at: number, length: number, target: Buffer, to: number): number {
  if (length === 0) return writeDate(target, to, 0, 0, 0);
  return length < 4
    ? -1
    : writeDate(target, to, source.readUInt16LE(at), source[at + 2]!, source[at + 3]!);
}

/** The same, then hour, minute, second and microseconds, as far as they are not zero. */
function dateTimeText(
  source: Buffer,
  at: number,
  length: number,
  target: Buffer,
  to: number,
): number {
  const w = dateText(source, at, length, target, to);
  if (w < 0) return -1;
  target[w] = 0x20;
  if (length <= 4) return writeTime(target, w + 1, 0, 0, 0, 0);
  if (length !== 7 && length !== 11) return -1;
  const micros = length === 11 ? source.readUInt32LE(at + 7) : 0;
  return writeTime(target, w + 1, source[at + 4]!, source[at + 5]!, source[at + 6]!, micros);
}

/** Sign, days, hour, minute, second and microseconds; nothing for zero. */
function timeText(source: Buffer, at: number, length: number, target: Buffer, to: number): number {
  if (length === 0) return writeTime(target, to, 0, 0, 0, 0);
  if (length !== 8 && length !== 12) return -1;
  const hours = source.readUInt32LE(at + 1) * 24 + source[at + 5]!;
  const micros = length === 12 ? source.readUInt32LE(at + 8) : 0;
  let w = to;
  if (source[at] === 1) target[w++] = 0x2d;
  return writeTime(target, w, hours, source[at + 6]!, source[at + 7]!, micros);
}
