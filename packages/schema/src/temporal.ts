/** Days before each month of a year that is not a leap year. */
const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;

/** Seconds since the epoch of a UTC date and time, or NaN when there is no such date or time. */
export function epochSeconds(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return NaN;
  if (hour > 23 || minute > 59 || second > 59) return NaN;
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  const past = month > 2 && isLeap(year) ? 1 : 0;
  // 719,162 days lie between 0001-01-01 and the epoch.
  const days = before * 365 + leapDays + DAYS_BEFORE[month - 1]! + past + day - 1 - 719_162;
  return days * 86_400 + hour * 3_600 + minute * 60 + second;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** The date of a day since the epoch, as a DATE has it: `year << 9 | month << 5 | day`. */
export function civilDate(days: number): number {
  // Counted from the first of March of the year 0, in eras of 400 years.
  const since = days + 719_468;
  const era = Math.floor(since / 146_097);
  const ofEra = since - era * 146_097;
  const leaps = Math.floor(ofEra / 1_460) - Math.floor(ofEra / 36_524);
  const yearOfEra = Math.floor((ofEra - leaps - Math.floor(ofEra / 146_096)) / 365);
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const ofYear = ofEra - 365 * yearOfEra - leapDays;
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return (year << 9) | (month << 5) | day;
}

/**
 * Seconds since the epoch of the five bytes of a DATETIME2, taken as UTC, or NaN for a zero or
 * impossible date. `high` is the first byte, `low` the other four, big-endian.
 */
export function datetimeSeconds(high: number, low: number): number {
  // The top bit is the sign, and set for everything that a datetime can be.
  if (high < 0x80) return NaN;
  const date = (high & 0x7f) * 0x8000 + (low >>> 17);
  const yearMonth = date >>> 5;
  return epochSeconds(
    Math.floor(yearMonth / 13),
    yearMonth % 13,
    date & 31,
    (low >>> 12) & 31,
    (low >>> 6) & 63,
    low & 63,
  );
}

/** Microseconds of a fraction of `decimals` digits at `at`, or NaN when it is a second or more. */
export function fractionMicros(bytes: Uint8Array, at: number, decimals: number): number {
  switch ((decimals + 1) >> 1) {
    case 0:
      return 0;
    case 1:
      return bytes[at]! > 99 ? NaN : bytes[at]! * 10_000;
    case 2: {
      const value = (bytes[at]! << 8) | bytes[at + 1]!;
      return value > 9_999 ? NaN : value * 100;
    }
    default: {
      const value = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
      return value > 999_999 ? NaN : value;
    }
  }
}

/** A date and time as SQL writes it, possible or not. */
export function formatDateTime(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): string {
  const date = [digits(year, 4), digits(month), digits(day)];
  return `${date.join('-')} ${[hour, minute, second].map((part) => digits(part)).join(':')}`;
}

function digits(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}
