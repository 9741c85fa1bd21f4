import { writeDecimal } from './decimal-text.ts';
import { imageDateTime, imageTime, imageTimestamp } from './image-time-text.ts';
import { type KeptText, charsetText, HEX_TEXT, shortText, writeBits } from './kept-text.ts';
import type { KeptColumn } from './kept-types.ts';
import { readInteger } from './row-values.ts';
import {
  writeDate,
  writeDigits,
  writeDoubleText,
  writeFloatText,
  writeSigned,
  writeSigned64,
  writeUnsigned64,
} from './text-write.ts';

export interface KeptInImage {
  readonly unsigned: boolean;
  readonly charset: string | null;
  readonly kept: KeptColumn;
}

/** How the values of a column in row images become text. */
export function imageText({ unsigned, charset, kept }: KeptInImage): KeptText {
  const { kind, extent, precision, decimals, labels } = kept;
  const width = extent.bytes;
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
      return shortText((source, at, _, target, to) =>
        writeDecimal(source, at, precision, decimals, target, to),
      );
    case 'bit':
      return shortText((source, at, _, target, to) => writeBits(source, at, width, target, to));
    case 'text':
      return charsetText(charset!);
    case 'bytes':
      return HEX_TEXT;
    case 'enum':
      return enumText(labels, width);
    case 'set':
      return setText(labels, width);
    case 'date':
      return shortText((source, at, _, target, to) => {
        const value = source.readUIntLE(at, 3);
        return writeDate(target, to, value >>> 9, (value >>> 5) & 15, value & 31);
      });
    case 'datetime':
      return shortText((source, at, _, target, to) =>
        imageDateTime(source, at, decimals, target, to),
      );
    case 'timestamp':
      return shortText((source, at, _, target, to) =>
        imageTimestamp(source, at, decimals, target, to),
      );
    case 'time':
      return shortText((source, at, _, target, to) => imageTime(source, at, decimals, target, to));
    case 'year':
      return shortText((source, at, _, target, to) =>
        writeDigits(target, to, source[at] === 0 ? 0 : 1900 + source[at]!, 4),
      );
    default:
      return kind satisfies never;
  }
}

/** Little-endian; a result has them in the same form. */
export function integerText(width: number, unsigned: boolean): KeptText {
  if (width < 8) {
    return shortText((source, at, _, target, to) =>
      writeSigned(target, to, readInteger(source, at, width, unsigned)),
    );
  }
  const write = unsigned ? writeUnsigned64 : writeSigned64;
  return shortText((source, at, _, target, to) =>
    write(target, to, source.readUInt32LE(at + 4), source.readUInt32LE(at)),
  );
}

/** The number of a label, from 1 on; 0 is what a value that was none became: an empty text. */
function enumText(labels: readonly string[], width: number): KeptText {
  const texts = ['', ...labels].map((label) => Buffer.from(label));
  const longest = Math.max(...texts.map(({ length }) => length));
  return {
    maxBytes: () => longest,
    write(source, at, _, target, to) {
      const text = texts[readInteger(source, at, width, true)];
      return text === undefined ? -1 : to + text.copy(target, to);
    },
  };
}

/** A bit for each label, and commas between. */
function setText(labels: readonly string[], width: number): KeptText {
  const texts = labels.map((label) => Buffer.from(label));
  const all = texts.reduce((sum, { length }) => sum + length + 1, 0);
  return {
    maxBytes: () => all,
    write(source, at, _, target, to) {
      let w = to;
      for (let bit = 0; bit < 8 * width; bit++) {
        if ((source[at + (bit >> 3)]! & (1 << (bit & 7))) === 0) continue;
        const text = texts[bit];
        if (text === undefined) return -1;
        if (w > to) target[w++] = 0x2c;
        w += text.copy(target, w);
      }
      return w;
    },
  };
}
