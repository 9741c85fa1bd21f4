import type { ScorelineError } from '@scoreline/service';

import type { Reason } from '../proof/reason.ts';

/** An error that ended a walk, as a reason among the others. */
export function reasonOf({ action, code, message }: ScorelineError): Reason {
  return { kind: action === 'retry' ? 'wait' : 'refuse', code, message };
}

export const NEVER_CAPTURED: Reason = {
  kind: 'wait',
  code: 'capture-never',
  message: 'the ledger has no checkpoint: capture has not begun',
};

export const ROWS_CHANGED: Reason = {
  kind: 'wait',
  code: 'rows-changed',
  message:
    'rows were changed or deleted by somebody else before they could be; the next pass reads them again',
};

export const ROWS_LOCKED: Reason = {
  kind: 'wait',
  code: 'rows-locked',
  message: 'somebody else holds locks on rows; the next pass tries them again',
};
