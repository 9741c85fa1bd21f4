import { checkNobodyAdds, type Range, restOf, type WriteAttempt } from '@scoreline/landing';
import { type Logger, PermanentError, RetryableError } from '@scoreline/service';

import { ApiError } from './api-error.ts';
import type { BigQueryApi } from './api.ts';
import { followJob, type Outcome } from './follow-job.ts';
import type { Governor } from './governor.ts';
import { idsThere } from './ids-there.ts';
import { daysOf, insertJob } from './insert-job.ts';
import { attemptId, jobName } from './job-id.ts';
import type { LoadJob, LoadJobs } from './load-jobs.ts';
import type { BigQueryMetrics } from './metrics.ts';
import { reasonOf } from './new-table.ts';
import { failureOf, inOurTerms, jobFailed, verdictOf } from './reasons.ts';
import { rowsThere } from './rows-there.ts';
import type { FoundTable } from './table.ts';

export interface RangeLoadOptions {
  readonly api: BigQueryApi;
  readonly jobs: LoadJobs;
  readonly governor: Governor;
  readonly table: FoundTable;
  readonly metrics: BigQueryMetrics;
  readonly log: Logger;
  readonly jobTimeoutMs: number;
  readonly uploadTimeoutMs: number;
}

/** What this process knows of a range that has not landed yet. */
interface Known {
  /** The first attempt that is not known to have failed. */
  attempt: number;
  /** The ids that were sent from here. */
  readonly sent: Set<string>;
  /** What of the range is to be loaded, once the table has been asked; null when all of it is there. */
  rest?: Range | null;
}

/**
 * One range into the table, so that it is there once, whatever happened to it before.
 *
 * A load job is all or nothing, and BigQuery never takes a job id twice: so a range is loaded by the
 * first job of its name that ends well. The jobs tried before are found by asking for them, from the
 * first on. An id that is not there is inserted, as often as it takes; only a job that has ended with
 * an error is followed by the next id.
 *
 * The table itself is asked in two cases: after a job that runs longer than any can, and after one
 * that had ended well before this process began. Its rows may have been removed since, by somebody
 * who has moved the offsets back to land them again.
 *
 * Where others may have left rows of the range, the table is asked first, and what it lacks is loaded
 * under the name of exactly those rows. As long as nobody else adds to it, whoever asks gets the same
 * answer and finds the same job, or that nothing lacks.
 */
export class RangeLoad {
  readonly #options: RangeLoadOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: RangeLoadOptions) {
    this.#options = options;
  }

  async write(whole: Range, attempt: WriteAttempt, signal: AbortSignal): Promise<void> {
    const { identity, rows } = whole;
    const known: Known = this.#known.get(identity) ?? { attempt: 0, sent: new Set() };
    this.#known.set(identity, known);
    try {
      if (known.rest === undefined) known.rest = await this.#restOf(whole, attempt, signal);
      if (known.rest !== null) await this.#land(known.rest, known, signal);
      this.#known.delete(identity);
    } catch (error) {
      // Others have it now, and do with it what we shall not see.
      if (signal.aborted) this.#known.delete(identity);
      throw inOurTerms(error, `loading ${rows} rows`);
    }
  }

  async #restOf(whole: Range, attempt: WriteAttempt, signal: AbortSignal): Promise<Range | null> {
    const { api, table, log } = this.#options;
    if (attempt.heldUpTo === undefined) return whole;
    const rest = await restOf(whole, await idsThere(api, table, whole, { signal }));
    const { identity, rows } = whole;
    log.info({ range: identity, rows, found: rest.found }, 'asked the table');
    checkNobodyAdds(whole, rest, attempt);
    return rest.range;
  }

  async #land(range: Range, known: Known, signal: AbortSignal): Promise<void> {
    const { jobs, table, log } = this.#options;
    const name = jobName(range.identity, table.fingerprint);
    for (; ; known.attempt++) {
      const id = attemptId(name, known.attempt);
      const found = await jobs.find(id, signal);
      if (found === null) {
        await this.#load(id, range, known, signal);
        return;
      }
      const isPast = found.isDone && !known.sent.has(id);
      const outcome = await this.#follow(found, signal);
      switch (outcome.kind) {
        case 'landed':
          this.#checkRows(outcome.job, range);
          if (!isPast || (await this.#isThere(range, outcome, signal))) return;
          break;
        case 'failed':
          // What had failed before may have done so for a reason that is mended.
          if (!found.isDone) this.#failed(outcome);
          log.info({ job: id, ...outcome.error }, 'a load job has failed; going on to the next');
          break;
        case 'stuck':
          if (await this.#isThere(range, outcome, signal)) return;
          break;
        default:
          outcome satisfies never;
      }
    }
  }

  async #load(id: string, range: Range, known: Known, signal: AbortSignal): Promise<void> {
    const { governor } = this.#options;
    await governor.admit({ id, partitions: daysOf(range) }, signal);
    known.sent.add(id);
    const outcome = await this.#follow(await this.#insert(id, range, signal), signal);
    switch (outcome.kind) {
      case 'landed':
        this.#checkRows(outcome.job, range);
        return;
      case 'failed':
        return this.#failed(outcome);
      case 'stuck':
        if (await this.#isThere(range, outcome, signal)) return;
        known.attempt++;
        throw new RetryableError(`load job ${id} does not end, and none of its rows are there`, {
          code: 'bigquery-job-stuck',
        });
      default:
        outcome satisfies never;
    }
  }

  /** The job of that id, whoever has inserted it. */
  async #insert(id: string, range: Range, signal: AbortSignal): Promise<LoadJob> {
    const { api, jobs, table, log, uploadTimeoutMs } = this.#options;
    try {
      return await insertJob(api, { id, range, table, timeoutMs: uploadTimeoutMs, signal });
    } catch (error) {
      if (!(error instanceof ApiError) || verdictOf(error) !== 'exists') throw this.#refused(error);
    }
    // The answer to an earlier request was lost, or another process has inserted the same.
    log.info({ job: id }, 'the load job is there already');
    const job = await jobs.find(id, signal);
    if (job !== null) return job;
    throw new RetryableError(`load job ${id} exists and cannot be found`, {
      code: 'bigquery-job-not-found',
    });
  }

  #follow(job: LoadJob, signal: AbortSignal): Promise<Outcome> {
    const { jobs, log, jobTimeoutMs } = this.#options;
    return followJob(job, { jobs, log, jobTimeoutMs, signal });
  }

  #checkRows({ id, outputRows }: LoadJob, range: Range): void {
    const { metrics } = this.#options;
    if (outputRows !== range.rows) {
      throw new PermanentError(
        `load job ${id} has ended well with ${outputRows ?? 'an unknown number of'} rows, and was given ${range.rows}`,
        {
          code: 'bigquery-rows-differ',
          remedy: 'Look at the job with `bq show -j`, and report it: a load job is all or nothing.',
        },
      );
    }
    metrics.jobs.inc({ outcome: 'landed' });
  }

  /** The table's answer, where the job's is not enough: all of the rows, or none. */
  async #isThere(
    range: Range,
    { kind, job }: Exclude<Outcome, { kind: 'failed' }>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { api, table, log } = this.#options;
    const { identity } = range;
    const answer = await rowsThere(api, table, range, { all: kind === 'stuck', signal });
    const { asked, found } = answer;
    log.warn({ job: job.id, range: identity, ...answer }, 'asked the table');
    if (found === 0 || found === asked) return found !== 0;
    throw new PermanentError(
      `of ${asked} ids of ${identity} the table holds ${found} rows, after the load job ${job.id}`,
      {
        code: 'destination-holds-part',
        remedy:
          'A load job is all or nothing: rows were removed, or loaded by somebody else. Find out; then remove the rest of these ids, and the range is loaded again.',
      },
    );
  }

  #failed({ job, error }: Outcome & { kind: 'failed' }): never {
    const { metrics, table } = this.#options;
    metrics.jobs.inc({ outcome: 'failed' });
    const reason = reasonOf(error.reason, table.createdMs);
    this.#slow(failureOf(reason));
    throw jobFailed(job.id, reason, error.message);
  }

  #refused(error: unknown): unknown {
    if (!(error instanceof ApiError)) return error;
    const { metrics, table } = this.#options;
    metrics.jobs.inc({ outcome: 'not started' });
    this.#slow(verdictOf(error));
    const { message, status } = error;
    const reason = reasonOf(error.reason, table.createdMs);
    return reason === error.reason
      ? error
      : new ApiError(message, { status, reason, cause: error });
  }

  #slow(verdict: string): void {
    const { governor } = this.#options;
    if (verdict === 'quota') governor.quotaExceeded();
    if (verdict === 'rate') governor.rateLimited();
  }
}
