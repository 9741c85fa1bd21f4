import type { RangeLimits } from './sink.ts';

/** What an open range must tell for its time to be known. Times are a monotonic clock's milliseconds. */
export interface OpenRange {
  readonly rows: number;
  /** When its first record arrived. */
  readonly openedAtMs: number;
  /** When the range before it was started; minus infinity when there was none. */
  readonly previousStartMs: number;
}

/** When a range that is not full is landed all the same. In the past: now. */
export function dueAtMs(
  { rows, openedAtMs, previousStartMs }: OpenRange,
  limits: RangeLimits,
): number {
  const oldEnough = rows >= limits.minRows ? openedAtMs : openedAtMs + limits.ageMs;
  return Math.max(oldEnough, previousStartMs + limits.spacingMs);
}
