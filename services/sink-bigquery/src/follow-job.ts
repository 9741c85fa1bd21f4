import { setTimeout as delay } from 'node:timers/promises';

import type { Logger } from '@scoreline/service';

import { ApiError } from './api-error.ts';
import type { LoadJob, LoadJobs } from './load-jobs.ts';

/** How a load job ended: its rows are there, none of them is, or nobody knows. */
export type Outcome =
  | { readonly kind: 'landed'; readonly job: LoadJob }
  | {
      readonly kind: 'failed';
      readonly job: LoadJob;
      readonly error: { readonly reason: string; readonly message: string };
    }
  | { readonly kind: 'stuck'; readonly job: LoadJob };

export interface FollowOptions {
  readonly jobs: Pick<LoadJobs, 'find' | 'cancel'>;
  readonly log: Logger;
  /** From the job's creation, whoever created it. */
  readonly jobTimeoutMs: number;
  readonly signal: AbortSignal;
}

const POLL_MS = { min: 100, max: 5000 };
/** How long a job that was cancelled is given to end. */
const CANCEL_MS = 60_000;

/**
 * Waits for a job's end. Done is not well done: that is the absence of an error. One that runs longer
 * than BigQuery lets any run is cancelled first, since what is asked of the table afterwards holds only
 * if the job cannot end well after all.
 */
export async function followJob(
  started: LoadJob,
  { jobs, log, jobTimeoutMs, signal }: FollowOptions,
): Promise<Outcome> {
  let job = started;
  let giveUpAtMs = job.createdMs + jobTimeoutMs;
  let isCancelled = false;
  for (let pollMs = POLL_MS.min; ; pollMs = Math.min(pollMs * 1.5, POLL_MS.max)) {
    if (job.isDone) {
      return job.error === null
        ? { kind: 'landed', job }
        : { kind: 'failed', job, error: job.error };
    }
    if (Date.now() >= giveUpAtMs) {
      if (isCancelled) return { kind: 'stuck', job };
      isCancelled = true;
      giveUpAtMs = Date.now() + Math.min(CANCEL_MS, jobTimeoutMs);
      log.warn({ job: job.id, jobTimeoutMs }, 'a load job does not end; cancelling it');
      await jobs.cancel(job.id, signal);
    }
    await pause(pollMs, signal);
    const found = await jobs.find(job.id, signal);
    if (found === null) {
      throw new ApiError(`the job ${job.id} is gone`, { status: 503, reason: '' });
    }
    job = found;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}
