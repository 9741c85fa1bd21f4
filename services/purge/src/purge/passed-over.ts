import { bucketOf } from '@scoreline/ledger';

import type { PassOver } from './delete-lot.ts';
import type { Finding, Verdict } from './judge.ts';
import { ROWS_CHANGED, ROWS_LOCKED } from './reasons.ts';
import { noneKept, tallied } from './tally.ts';

/** What a report says of rows that might have gone, and could not. */
export function passedOver({ why, ids }: PassOver): Verdict {
  const none = { deletable: [], findings: [], kept: noneKept(), unknown: [] };
  if (why === 'referenced') return { ...none, kept: { ...noneKept(), referenced: tallied(ids) } };
  const reasons = [why === 'changed' ? ROWS_CHANGED : ROWS_LOCKED];
  const numbers = [...new Set(ids.map((id) => bucketOf(id)))];
  const findings = numbers.map((bucket): Finding => {
    const { rows, fromId, toId } = tallied(ids.filter((id) => bucketOf(id) === bucket));
    return { bucket, rows, fromId: fromId!, toId: toId!, reasons };
  });
  return { ...none, findings };
}
