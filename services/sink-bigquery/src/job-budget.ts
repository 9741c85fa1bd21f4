export const DAY_MS = 86_400_000;

export interface BudgetLimits {
  readonly jobsPerDay: number;
  readonly partitionsPerDay: number;
  /** How long nothing is started after a quota was exceeded. */
  readonly quotaPauseMs: number;
}

export interface Remaining {
  readonly jobs: number;
  readonly partitions: number;
}

interface Counted {
  readonly atMs: number;
  readonly partitions: number;
}

/** Below this share of a limit nothing is spaced: what a restart or a full range needs goes at once. */
const FREE_SHARE = 1 / 4;

/**
 * Above it, jobs come at a rate that would spend what is left in a third of a day. As it shrinks so
 * does the rate: a backlog settles at three quarters of the limit, and never stands still for hours.
 */
const SPENT_PER_DAY = 3;

const SLOWEST = 8;

/**
 * When the next load job may start, so that a table's quotas last: jobs in any 24 hours, and
 * partitions that they touch. Knows the jobs that it is told of, its own and others'. Times are the
 * wall clock's milliseconds.
 */
export class JobBudget {
  readonly #limits: BudgetLimits;
  readonly #jobs = new Map<string, Counted>();
  #partitions = 0;
  #latestMs = Number.NEGATIVE_INFINITY;
  #oldestMs = Number.POSITIVE_INFINITY;
  #heldUntilMs = Number.NEGATIVE_INFINITY;
  #refusedAtMs = Number.NEGATIVE_INFINITY;
  #slower = 1;

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
  }

  knows(id: string): boolean {
    return this.#jobs.has(id);
  }

  /** Counts a job. The same one again counts once. */
  add(id: string, atMs: number, partitions: number): void {
    if (this.#jobs.has(id)) return;
    this.#jobs.set(id, { atMs, partitions });
    this.#partitions += partitions;
    this.#latestMs = Math.max(this.#latestMs, atMs);
    this.#oldestMs = Math.min(this.#oldestMs, atMs);
  }

  /** Nothing starts for so long: BigQuery wants a rest. */
  hold(nowMs: number, ms: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, nowMs + ms);
  }

  /** BigQuery says that a quota is exceeded: somebody spends it whom we do not know. */
  exceeded(nowMs: number): void {
    // Ranges that were under way together are told together.
    const isNew = nowMs >= this.#refusedAtMs + this.#limits.quotaPauseMs;
    if (isNew) {
      this.#slower = Math.min(SLOWEST, this.#slower * 2);
      this.#refusedAtMs = nowMs;
    }
    this.hold(nowMs, this.#limits.quotaPauseMs);
  }

  /** How long nothing may be sent at all, not even what was counted before. */
  heldMs(nowMs: number): number {
    return Math.max(0, this.#heldUntilMs - nowMs);
  }

  /** How long a job that touches so many partitions has to wait; 0: it may start now. */
  waitMs(nowMs: number, partitions: number): number {
    this.#forget(nowMs);
    // A job above the whole limit would wait for ever. It goes when nothing else was spent.
    const cost = Math.min(partitions, this.#limits.partitionsPerDay);
    const waitMs = Math.max(
      this.heldMs(nowMs),
      this.#untilFree(nowMs, cost),
      this.#spacing(nowMs, cost),
    );
    return Math.ceil(waitMs);
  }

  remaining(nowMs: number): Remaining {
    this.#forget(nowMs);
    return {
      jobs: Math.max(0, this.#limits.jobsPerDay - this.#jobs.size),
      partitions: Math.max(0, this.#limits.partitionsPerDay - this.#partitions),
    };
  }

  #untilFree(nowMs: number, cost: number): number {
    const { jobsPerDay, partitionsPerDay } = this.#limits;
    let jobs = this.#jobs.size;
    let partitions = this.#partitions;
    if (jobs < jobsPerDay && partitions + cost <= partitionsPerDay) return 0;
    const oldestFirst = [...this.#jobs.values()].sort((a, b) => a.atMs - b.atMs);
    for (const job of oldestFirst) {
      jobs--;
      partitions -= job.partitions;
      if (jobs < jobsPerDay && partitions + cost <= partitionsPerDay) {
        return job.atMs + DAY_MS - nowMs;
      }
    }
    return 0;
  }

  #spacing(nowMs: number, cost: number): number {
    const { jobsPerDay, partitionsPerDay } = this.#limits;
    const jobsLeft = jobsPerDay - this.#jobs.size;
    const partitionsLeft = partitionsPerDay - this.#partitions;
    // Then what is said by `#untilFree` counts.
    if (jobsLeft <= 0 || partitionsLeft <= 0) return 0;
    const isFree =
      this.#jobs.size < jobsPerDay * FREE_SHARE &&
      this.#partitions < partitionsPerDay * FREE_SHARE &&
      this.#slower === 1;
    if (isFree) return 0;
    const share = Math.max(1 / jobsLeft, cost / partitionsLeft);
    const gapMs = Math.min(DAY_MS, (DAY_MS / SPENT_PER_DAY) * share * this.#slower);
    return Math.max(0, this.#latestMs + gapMs - nowMs);
  }

  #forget(nowMs: number): void {
    if (nowMs - this.#refusedAtMs >= DAY_MS) this.#slower = 1;
    if (this.#oldestMs > nowMs - DAY_MS) return;
    this.#oldestMs = Number.POSITIVE_INFINITY;
    for (const [id, { atMs, partitions }] of this.#jobs) {
      if (atMs > nowMs - DAY_MS) {
        this.#oldestMs = Math.min(this.#oldestMs, atMs);
      } else {
        this.#jobs.delete(id);
        this.#partitions -= partitions;
      }
    }
  }
}
