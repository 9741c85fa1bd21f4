import { PermanentError } from '@scoreline/service';

import type { CaptureMetrics } from './metrics.ts';

/**
 * The table is append-only: rows go by DELETE, when they have landed. What an UPDATE changed, or a
 * TRUNCATE took, nothing after the topic would ever know.
 */
export function updatePolicy(onUpdate: 'stop' | 'count', metrics: CaptureMetrics) {
  return {
    updated(what: string): void {
      metrics.updates.inc();
      if (onUpdate === 'count') return;
      throw new PermanentError(`${what} of the captured table, which must be append-only`, {
        code: 'row-updated',
        remedy:
          'The topic has the rows as they were inserted. Find out who does this; when the topic may stay as it is, set on_update=count to go on.',
      });
    },
    deleted(): void {
      metrics.deletes.inc();
    },
  };
}
