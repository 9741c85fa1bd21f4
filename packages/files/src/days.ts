/** Microseconds. */
const DAY_US = 86_400_000_000;

/** UTC days since the epoch. Exact: of a safe integer, the quotient is never rounded up to a whole number. */
export function dayOf(timestampUs: number): number {
  return Math.floor(timestampUs / DAY_US);
}

/** The first row from `from` on that is not of this day, or `rows`. */
export function endOfDay(
  day: number,
  timestampsUs: Float64Array,
  from: number,
  rows: number,
): number {
  const start = day * DAY_US;
  const end = start + DAY_US;
  let row = from;
  for (; row < rows; row++) {
    const timestampUs = timestampsUs[row]!;
    if (timestampUs < start || timestampUs >= end) break;
  }
  return row;
}

/** `2026-01-31` */
export function dayName(day: number): string {
  return new Date(day * 86_400_000).toISOString().split('T')[0]!;
}
