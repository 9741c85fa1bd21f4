import type { Logger, ScorelineError } from '@scoreline/service';

import type { PurgeMetrics } from '../metrics.ts';
import type { Reason } from '../proof/reason.ts';
import { reasonJson } from '../report/report-json.ts';
import type { Report } from '../report/report.ts';
import type { Frontier } from './frontier.ts';
import type { Hold } from './pacer.ts';
import type { ChunkOutcome, Clock, Span } from './ports.ts';
import { Progress } from './progress.ts';
import { reasonOf } from './reasons.ts';
import { showReport } from './show-report.ts';
import type { IdTally } from './tally.ts';

export interface StandingOptions {
  readonly log: Logger;
  readonly metrics: PurgeMetrics;
  readonly clock: Clock;
}

/** /status is read by people; `--explain` has all of it. */
const MOST_SHOWN = 50;
/** What keeps the purge from its work for long is told at its beginning, then this often. */
const REMIND_MS = 60_000;

/** Where the purge stands: what /status, /readyz, the metrics and the log tell of it. */
export class Standing {
  readonly #options: StandingOptions;
  readonly #progress: Progress;
  #activity = 'starting';
  /** Why nothing is deleted, where that is not to be waited out: until a walk comes past it. */
  #problem: Reason | null = null;
  #lockHeld: Reason | null = null;
  #told = { code: '', atMs: 0 };
  #hold: Hold | null = null;
  #span: Span | null = null;
  #last: Report | null = null;

  constructor(options: StandingOptions) {
    this.#options = options;
    const { log, clock } = options;
    this.#progress = new Progress(clock.now(), (line) => log.info({ ...line }, 'purging'));
  }

  is(activity: string): void {
    this.#activity = activity;
  }

  waitsForLock(reason: Reason): void {
    this.#activity = `waiting: ${reason.message}`;
    this.#lockHeld = reason;
    this.#options.metrics.refused.set({ code: reason.code, sink: '' }, 1);
    this.#options.log.info(this.#activity);
  }

  leads(isLeader: boolean): void {
    const { metrics } = this.#options;
    this.#lockHeld = null;
    this.#hold = null;
    metrics.leader.set(isLeader ? 1 : 0);
    metrics.refused.reset();
    metrics.throttled.reset();
  }

  resolved(chunk: string, rows: number): void {
    const { log, metrics } = this.#options;
    metrics.resolvedRows.inc(rows);
    log.warn(
      { chunk, rows },
      'a purge had ended in the middle of a chunk: these rows of it are gone',
    );
  }

  /** Capture was asked to look for rows. */
  asked({ rows, fromId, toId }: IdTally): void {
    const { log, metrics } = this.#options;
    metrics.requests.inc();
    log.warn(
      { rows, fromId, toId },
      'the ledger lacks ids of old rows: capture is asked to look for them',
    );
  }

  begins(span: Span | null, frontier: Frontier | null): void {
    const { metrics, clock } = this.#options;
    this.#activity = 'purging';
    this.#span = span;
    this.#progress.began(frontier ?? { firstId: 0, lastOldId: -1 }, clock.now());
    metrics.floorId.set(span?.minId ?? 0);
    const oldestMs = span?.oldestTs?.getTime() ?? clock.now();
    metrics.oldestAge.set(Math.max(0, clock.now() - oldestMs) / 1000);
    metrics.deletableRows.set(this.#progress.leftRows);
  }

  chunk(
    outcome: ChunkOutcome,
    { id, nextRows }: { readonly id: number; readonly nextRows: number },
  ): void {
    const { metrics, clock } = this.#options;
    metrics.chunks.inc({ outcome: outcome.kind });
    metrics.chunkRows.set(nextRows);
    if (outcome.kind !== 'deleted') return;
    this.#problem = null;
    metrics.deletedRows.inc(outcome.rows);
    metrics.chunkSeconds.observe(outcome.ms / 1000);
    this.#progress.deleted(outcome.rows, id, clock.now());
  }

  reached({ seen }: Report, id: number): void {
    this.#problem = null;
    this.#progress.reached(id, seen);
    this.#options.metrics.deletableRows.set(this.#progress.leftRows);
  }

  held(hold: Hold | null, waitedMs: number): void {
    const { log, metrics } = this.#options;
    if (hold !== null) {
      this.#problem = null;
      metrics.throttledSeconds.inc({ reason: hold.code }, waitedMs / 1000);
    }
    if (hold?.code === this.#hold?.code) return;
    log.info(hold === null ? 'going on' : `holding back: ${hold.message}`);
    this.#hold = hold;
    metrics.throttled.reset();
    if (hold !== null) metrics.throttled.set({ reason: hold.code }, 1);
  }

  ended(report: Report): void {
    const { log, metrics, clock } = this.#options;
    if (report.deleted > 0) {
      const waitingRows = report.waiting.reduce((sum, { rows }) => sum + rows, 0);
      log.info({ deletedRows: report.deleted, waitingRows }, 'a pass over the old rows has ended');
    }
    this.#progress.ended();
    metrics.passes.inc();
    metrics.lastPass.set(clock.now() / 1000);
    metrics.deletableRows.set(0);
    this.#last = report;
    this.#told = { code: '', atMs: 0 };
    this.#problem = report.refused.find(({ kind }) => kind === 'refuse') ?? null;
    showReport(report, metrics);
  }

  /** What ended a pass, and is tried again. */
  failed(error: ScorelineError, retryInMs: number): void {
    const { log, metrics, clock } = this.#options;
    const reason = reasonOf(error);
    const isTold = reason.code === this.#told.code && clock.now() - this.#told.atMs < REMIND_MS;
    if (!isTold) {
      this.#told = { code: reason.code, atMs: clock.now() };
      log.warn({ err: error, retryInMs }, 'the purge has let go; it begins again');
    }
    metrics.failures.inc({ code: reason.code });
    this.#activity = `waiting: ${reason.message}`;
    this.#problem = reason;
  }

  /** Null while rows are deleted as they become free. What waits for a sink or a throttle is no failure of ours. */
  notReady(): string | null {
    const problem = this.#lockHeld ?? this.#problem;
    if (problem !== null) return problem.message;
    return this.#last === null && this.#activity !== 'purging' ? this.#activity : null;
  }

  status() {
    const last = this.#last;
    const problem = this.#lockHeld ?? this.#problem;
    return {
      state: this.#activity,
      problem: problem === null ? null : reasonJson(problem),
      throttle: this.#hold,
      floorId: this.#span?.minId ?? null,
      oldestTs: this.#span?.oldestTs?.toISOString() ?? null,
      ...this.#progress.line(),
      lastPass:
        last === null
          ? null
          : {
              deleted: last.deleted,
              refused: last.refused.map(reasonJson),
              waitingGroups: last.waiting.length,
              waiting: last.waiting.slice(0, MOST_SHOWN).map(({ reasons, ...rest }) => ({
                ...rest,
                reasons: reasons.map(reasonJson),
              })),
              kept: last.kept,
            },
    };
  }
}
