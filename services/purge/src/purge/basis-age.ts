/** Whether what was read then may still be deleted by. A clock that was set back says nothing of an age. */
export function isFresh(readAtMs: number, nowMs: number, maxAgeMs: number): boolean {
  const ageMs = nowMs - readAtMs;
  return ageMs >= 0 && ageMs <= maxAgeMs;
}
