import type { BinlogPosition } from './checkpoint.ts';

/** Number of a binlog file: `binlog.000042` is 42. Files compare by it, since the name may gain a digit. */
export function fileNumber(file: string): number {
  const number = Number(/\.(\d+)$/.exec(file)?.[1] ?? Number.NaN);
  if (!Number.isSafeInteger(number)) throw new RangeError(`not a binlog file: ${file}`);
  return number;
}

/** Negative when `a` is before `b`, 0 when they are the same, positive when it is after. */
export function comparePositions(a: BinlogPosition, b: BinlogPosition): number {
  return fileNumber(a.file) - fileNumber(b.file) || a.offset - b.offset;
}
