import { civilDate, fractionMicros } from './temporal.ts';
import { writeDate, writeTime } from './text-write.ts';

const SPACE = 0x20;
const DAY_SECONDS = 86_400;

/** A DATETIME2, as it was written. Returns the position after it, or -1. */
export function imageDateTime(
  source: Buffer,
  at: number,
  decimals: number,
  target: Buffer,
  to: number,
): number {
  const micros = fractionMicros(source, at + 5, decimals);
  if (source[at]! < 0x80 || Number.isNaN(micros)) return -1;
  const low = source.readUInt32BE(at + 1);
  const date = (source[at]! & 0x7f) * 0x8000 + (low >>> 17);
  const yearMonth = date >>> 5;
  const w = writeDate(target, to, Math.floor(yearMonth / 13), yearMonth % 13, date & 31);
  target[w] = SPACE;
  return writeTime(target, w + 1, (low >>> 12) & 31, (low >>> 6) & 63, low & 63, micros);
}

/** A TIMESTAMP2, in UTC. */
export function imageTimestamp(
  source: Buffer,
  at: number,
  decimals: number,
  target: Buffer,
  to: number,
): number {
  const micros = fractionMicros(source, at + 4, decimals);
  if (Number.isNaN(micros)) return -1;
  // MariaDB 11.5 and later count on, unsigned, behind 2038.
  const seconds = source.readUInt32BE(at);
  const isZero = seconds === 0 && micros === 0;
  const date = isZero ? 0 : civilDate(Math.floor(seconds / DAY_SECONDS));
  const time = seconds % DAY_SECONDS;
  const w = writeDate(target, to, date >>> 9, (date >>> 5) & 15, date & 31);
  target[w] = SPACE;
  const minutes = Math.floor(time / 60);
  return writeTime(target, w + 1, Math.floor(minutes / 60), minutes % 60, time % 60, micros);
}

/** A TIME2: an integer with a sign, of which the fraction is the low end (my_time_packed_from_binary). */
export function imageTime(
  source: Buffer,
  at: number,
  decimals: number,
  target: Buffer,
  to: number,
): number {
  const width = (decimals + 1) >> 1;
  let whole = source.readUIntBE(at, 3) - 0x80_0000;
  let fraction = width === 0 ? 0 : source.readUIntBE(at + 3, width);
  const isNegative = whole < 0;
  if (isNegative && fraction > 0) {
    whole++;
    fraction = 256 ** width - fraction;
  }
  whole = Math.abs(whole);
  const micros = fraction * 100 ** (3 - width);
  if (micros > 999_999) return -1;
  let w = to;
  if (isNegative) target[w++] = 0x2d;
  return writeTime(target, w, whole >>> 12, (whole >>> 6) & 63, whole & 63, micros);
}
