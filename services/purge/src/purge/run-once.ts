import { Report } from '../report/report.ts';
import type { Halt } from './delete-lot.ts';
import type { Clock } from './ports.ts';
import { purgeError } from './purge-error.ts';
import type { Purger } from './purger.ts';
import { reasonOf } from './reasons.ts';
import type { ReconcileAsker } from './reconcile-asker.ts';

/** A session that ended with a lost connection leaves a chunk to be made good: so often it is begun again. */
const SESSIONS = 5;
const AGAIN_MS = 1_000;
const LOST = new Set(['chunk-outcome-unknown', 'source-connection', 'purge-log-append', 'session']);

export interface OnceOptions {
  readonly purger: Pick<Purger, 'session'>;
  readonly asker: ReconcileAsker;
  readonly clock: Clock;
}

/** Passes until one deletes nothing. What ended it before that is a reason in the report, unless it is permanent. */
export async function runOnce(
  { purger, asker, clock }: OnceOptions,
  signal: AbortSignal,
): Promise<Report> {
  const halt: Halt = { stopping: signal, signal: new AbortController().signal };
  let report = new Report();
  let deleted = 0;
  for (let session = 1; ; session++) {
    try {
      await purger.session(halt, async (pass) => {
        do {
          deleted += report.deleted;
          report = new Report();
          await pass(report);
        } while (report.deleted > 0);
        await asker.missed(report.unknown, signal);
      });
      break;
    } catch (cause) {
      signal.throwIfAborted();
      const error = purgeError(cause);
      if (error.action === 'stop') throw error;
      if (!LOST.has(error.code) || session === SESSIONS) {
        report.refused.push(reasonOf(error));
        break;
      }
    }
    await clock.sleep(AGAIN_MS, signal);
  }
  report.deleted += deleted;
  return report;
}
