const DAY_MINUTES = 24 * 60;

/** Times of day in which rows may be deleted, in UTC; one that ends before it begins goes over midnight. */
export interface PurgeWindow {
  /** Minutes since midnight. */
  readonly from: number;
  /** Minutes since midnight, exclusive. */
  readonly to: number;
}

/**
 * `22:00-06:00`, or several with commas between.
 *
 * @throws RangeError when it is not understood.
 */
export function parsePurgeWindows(text: string): PurgeWindow[] {
  return text.split(',').map((part) => {
    const match = /^\s*(\d\d):(\d\d)-(\d\d):(\d\d)\s*$/.exec(part);
    if (match === null) throw new RangeError(`"${part.trim()}" is not hh:mm-hh:mm`);
    const [, fromHour, fromMinute, toHour, toMinute] = match;
    const from = minutes(Number(fromHour), Number(fromMinute), part);
    const to = minutes(Number(toHour), Number(toMinute), part);
    if (from === to) throw new RangeError(`"${part.trim()}" is no time at all`);
    return { from, to };
  });
}

/** Always, when there are none. */
export function isWithin(windows: readonly PurgeWindow[], at: Date): boolean {
  const now = at.getUTCHours() * 60 + at.getUTCMinutes();
  return (
    windows.length === 0 ||
    windows.some(({ from, to }) => (from < to ? from <= now && now < to : now >= from || now < to))
  );
}

function minutes(hour: number, minute: number, part: string): number {
  const total = hour * 60 + minute;
  if (minute > 59 || total > DAY_MINUTES)
    throw new RangeError(`"${part.trim()}" is no time of day`);
  return total;
}
