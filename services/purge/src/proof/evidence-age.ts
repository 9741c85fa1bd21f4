import type { Evidence } from './evidence.ts';
import type { Reason } from './reason.ts';

/** Why evidence is too old to delete by; null when it is not. A clock that was set back says nothing of an age. */
export function whyStale(
  { readAtMs }: Pick<Evidence, 'readAtMs'>,
  nowMs: number,
  maxAgeMs: number,
): Reason | null {
  const ageMs = nowMs - readAtMs;
  if (ageMs >= 0 && ageMs <= maxAgeMs) return null;
  const age = ageMs < 0 ? 'of the future' : `${ageMs} ms old`;
  return {
    kind: 'wait',
    code: 'evidence-stale',
    message: `what the sinks have landed was read too long ago: it is ${age}, ${maxAgeMs} ms are allowed`,
  };
}
