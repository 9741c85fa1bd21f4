import { setTimeout as delay } from 'node:timers/promises';

import type { Logger } from '@scoreline/service';

import { DAY_MS, type JobBudget } from './job-budget.ts';
import type { BigQueryMetrics } from './metrics.ts';

export interface CountedJob {
  readonly id: string;
  readonly partitions: number;
}

export interface ListedJob extends CountedJob {
  readonly createdMs: number;
}

/** The load jobs into the table that were created since then, of every member of the group. */
export type ListJobs = (sinceMs: number, signal: AbortSignal) => Promise<readonly ListedJob[]>;

export interface GovernorOptions {
  readonly budget: JobBudget;
  readonly listJobs: ListJobs;
  readonly metrics: BigQueryMetrics;
  readonly log: Logger;
}

/** What members know of each other is not older than this when one starts a job. */
const REFRESH_MS = 60_000;
/** A job may be listed later than it was created. */
const OVERLAP_MS = 300_000;
/** After `rateLimitExceeded`: seconds, says BigQuery. */
const RATE_PAUSE_MS = 10_000;
/** A wait is looked at again this often: others' jobs, and a clock that was set, change it. */
const LOOK_AGAIN_MS = 30_000;
/** A wait that is longer than this is told. */
const TOLD_MS = 60_000;

/**
 * Lets load jobs start no faster than the table's quotas allow. The quotas are the table's and not
 * this process's: so the jobs are counted where all of them are known, by listing them, at start and
 * while jobs are started. A restart forgets nothing, and members of the group need not know how many
 * they are.
 */
export class Governor {
  readonly #options: GovernorOptions;
  #listedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: GovernorOptions) {
    this.#options = options;
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#list(signal);
  }

  /**
   * Resolves when the job may start, which then counts. Its repeats count no more, since they have
   * its id, and wait only for a pause.
   */
  async admit({ id, partitions }: CountedJob, signal: AbortSignal): Promise<void> {
    const { budget, metrics, log } = this.#options;
    let told = false;
    metrics.waiting.inc();
    try {
      for (;;) {
        signal.throwIfAborted();
        if (Date.now() - this.#listedAtMs >= REFRESH_MS) await this.#list(signal);
        // From here to the end without waiting for anything: two ranges cannot have the same slot.
        const nowMs = Date.now();
        const waitMs = budget.knows(id) ? budget.heldMs(nowMs) : budget.waitMs(nowMs, partitions);
        if (waitMs <= 0) {
          budget.add(id, nowMs, partitions);
          this.#measure(nowMs);
          return;
        }
        if (!told && waitMs >= TOLD_MS) {
          told = true;
          const waitSeconds = Math.ceil(waitMs / 1000);
          log.info({ job: id, waitSeconds, ...budget.remaining(nowMs) }, 'waits for the quotas');
        }
        await delay(Math.min(waitMs, LOOK_AGAIN_MS), undefined, { signal });
      }
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      metrics.waiting.dec();
    }
  }

  rateLimited(): void {
    this.#options.budget.hold(Date.now(), RATE_PAUSE_MS);
  }

  quotaExceeded(): void {
    this.#options.metrics.quotaRefusals.inc();
    this.#options.budget.exceeded(Date.now());
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { budget, listJobs } = this.#options;
    const nowMs = Date.now();
    const sinceMs = Math.max(nowMs - DAY_MS, this.#listedAtMs - OVERLAP_MS);
    for (const { id, createdMs, partitions } of await listJobs(sinceMs, signal)) {
      budget.add(id, createdMs, partitions);
    }
    this.#listedAtMs = nowMs;
    this.#measure(nowMs);
  }

  #measure(nowMs: number): void {
    const { budget, metrics } = this.#options;
    const { jobs, partitions } = budget.remaining(nowMs);
    metrics.remainingJobs.set(jobs);
    metrics.remainingPartitionChanges.set(partitions);
  }
}
