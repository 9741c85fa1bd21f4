import type { Logger, Part, ScorelineError } from '@scoreline/service';

import { Report } from '../report/report.ts';
import type { Halt } from './delete-lot.ts';
import type { Clock } from './ports.ts';
import { purgeError } from './purge-error.ts';
import type { Purger } from './purger.ts';
import type { ReconcileAsker } from './reconcile-asker.ts';
import type { Standing } from './standing.ts';

export interface PurgePartOptions {
  readonly purger: Pick<Purger, 'session'>;
  readonly standing: Standing;
  readonly asker: ReconcileAsker;
  /** Aborted when the source at hand has been replaced by another: a session is with one. */
  readonly superseded: () => AbortSignal;
  readonly passIntervalMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const SOONEST_MS = 500;
const LATEST_MS = 30_000;

/**
 * Deletes what may be deleted, as it becomes so, until it is told to stop. What waits or is refused keeps it
 * running, and says why: nothing is lost by waiting. It ends only at an error that shows that what it would
 * rest on is not what it was.
 */
export class PurgePart implements Part {
  readonly name = 'purge';
  done: Promise<void> | undefined;
  readonly #options: PurgePartOptions;
  readonly #stopping = new AbortController();
  readonly #letGo = new AbortController();

  constructor(options: PurgePartOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.done = this.#run();
    this.done.catch(() => {});
  }

  /** The chunk in flight is finished, and noted; when the signal is aborted there is no time for that. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#stopping.abort();
    const letGo = (): void => this.#letGo.abort();
    if (signal.aborted) letGo();
    else signal.addEventListener('abort', letGo, { once: true });
    await this.done?.catch(() => {});
    signal.removeEventListener('abort', letGo);
  }

  notReady(): string | null {
    return this.#options.standing.notReady();
  }

  status(): unknown {
    return this.#options.standing.status();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted;) {
      const superseded = this.#options.superseded();
      const halt = {
        stopping: AbortSignal.any([signal, superseded]),
        signal: this.#letGo.signal,
      };
      try {
        await this.#options.purger.session(halt, async (pass) => {
          for (;;) {
            await this.#pass(pass, halt);
            failures = 0;
          }
        });
      } catch (cause) {
        if (signal.aborted) return;
        if (superseded.aborted) this.#options.log.info('going on with the new source');
        else await this.#afterFailure(purgeError(cause), ++failures);
      }
    }
  }

  async #pass(pass: (report: Report) => Promise<void>, { stopping }: Halt): Promise<void> {
    const { asker, standing, clock, passIntervalMs } = this.#options;
    const report = new Report();
    await pass(report);
    if (await asker.missed(report.unknown, stopping)) standing.asked(report.unknown);
    if (report.deleted > 0) return;
    standing.is('everything is deleted that may be now');
    await clock.sleep(passIntervalMs, stopping);
  }

  /** @throws what nothing but a person can mend, and no settings or grants of the source. */
  async #afterFailure(cause: ScorelineError, failures: number): Promise<void> {
    const { standing, clock, passIntervalMs } = this.#options;
    if (cause.action === 'stop' || cause.action === 'poison') throw cause;
    const soonMs = Math.min(LATEST_MS, SOONEST_MS * 2 ** Math.min(failures - 1, 10));
    const retryInMs = cause.action === 'retry' ? soonMs : Math.min(passIntervalMs, LATEST_MS);
    standing.failed(cause, retryInMs);
    await clock.sleep(retryInMs, this.#stopping.signal).catch(() => {});
  }
}
