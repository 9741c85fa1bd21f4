import type {
  AskedIds,
  Destination,
  Range,
  RangeLimits,
  Sink,
  WriteAttempt,
} from '@scoreline/landing';
import { type Catalog, fieldsOf, newest, RELEASED } from '@scoreline/schema';
import type { Logger } from '@scoreline/service';

import { BigQueryApi } from './api.ts';
import type { Settings } from './config.ts';
import { Governor } from './governor.ts';
import { heldIds } from './held-ids.ts';
import { highestId } from './ids-there.ts';
import { JobBudget } from './job-budget.ts';
import { LoadJobs } from './load-jobs.ts';
import type { BigQueryMetrics } from './metrics.ts';
import { RangeLoad } from './range-load.ts';
import { inOurTerms, startError } from './reasons.ts';
import { fieldOf } from './table-schema.ts';
import { ensureTable, type FoundTable } from './table.ts';

/** Lands ranges in one table, by load jobs. */
export class BigQuerySink implements Sink {
  readonly name = 'bigquery';
  readonly findsOwnRows = true;
  readonly limits: RangeLimits;
  /** Every load job counts against a quota, so it should have many rows. */
  readonly spools = true;
  readonly #config: Settings;
  readonly #log: Logger;
  readonly #metrics: BigQueryMetrics;
  readonly #catalog: Catalog;
  readonly #api: BigQueryApi;
  #table: FoundTable | null = null;
  #loads: RangeLoad | null = null;

  constructor(
    config: Settings,
    {
      log,
      metrics,
      catalog = RELEASED,
    }: {
      readonly log: Logger;
      readonly metrics: BigQueryMetrics;
      readonly catalog?: Catalog;
    },
  ) {
    this.#config = config;
    this.#log = log;
    this.#metrics = metrics;
    this.#catalog = catalog;
    this.limits = {
      rows: config.batch_bq_max_size,
      bytes: Number.POSITIVE_INFINITY,
      minRows: config.batch_bq_min_size,
      ageMs: config.batch_bq_interval,
      spacingMs: config.batch_bq_interval,
    };
    this.#api = new BigQueryApi({
      project: config.bq_project,
      endpoint: config.bq_api_endpoint,
      keyFile: config.google_application_credentials,
    });
  }

  async start(signal: AbortSignal): Promise<Destination> {
    const { bq_project: project, bq_dataset: dataset, table: tableId } = this.#config;
    const log = this.#log;
    const metrics = this.#metrics;
    const api = this.#api;
    const name = { project, dataset, table: tableId };
    const wanted = fieldsOf(newest(this.#catalog)).map(fieldOf);
    const table = await ensureTable(api, name, { wanted, log, signal });
    this.#table = table;
    const jobs = new LoadJobs(api, table.location);
    const governor = new Governor({
      budget: new JobBudget({
        jobsPerDay: this.#config.bq_jobs_per_day,
        partitionsPerDay: this.#config.bq_partition_changes_per_day,
        quotaPauseMs: this.#config.bq_quota_pause,
      }),
      listJobs: (sinceMs, listSignal) => jobs.list(name, sinceMs, listSignal),
      metrics,
      log,
    });
    try {
      await governor.start(signal);
    } catch (error) {
      throw startError(error, 'listing load jobs', 'google_application_credentials');
    }
    this.#loads = new RangeLoad({
      api,
      jobs,
      governor,
      table,
      metrics,
      log,
      jobTimeoutMs: this.#config.bq_job_timeout,
      uploadTimeoutMs: this.#config.bq_upload_timeout,
    });
    return {
      name: `BigQuery table ${project}.${dataset}.${tableId}`,
      fingerprint: table.fingerprint,
      holdsRows: table.holdsRows,
    };
  }

  async heldUpTo(signal: AbortSignal): Promise<number | null> {
    if (this.#table === null) throw new Error('the sink has not been started');
    try {
      return await highestId(this.#api, this.#table, signal);
    } catch (error) {
      throw inOurTerms(error, 'asking for the highest id');
    }
  }

  async *heldIds(ids: AskedIds, signal: AbortSignal): AsyncGenerator<Float64Array, void> {
    if (this.#table === null) throw new Error('the sink has not been started');
    try {
      yield* heldIds(this.#api, this.#table, ids, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw inOurTerms(error, 'asking which ids the table holds');
    }
  }

  /** First, again or after a takeover: the jobs tell, whoever has started them. */
  async write(range: Range, attempt: WriteAttempt, signal: AbortSignal): Promise<void> {
    if (this.#loads === null) throw new Error('the sink has not been started');
    await this.#loads.write(range, attempt, signal);
  }

  /** Requests end with their signals; nothing else is open. */
  async stop(): Promise<void> {}
}
