import type {
  AskedIds,
  Destination,
  Range,
  RangeLimits,
  Sink,
  WriteAttempt,
} from '@scoreline/landing';
import { type Catalog, RELEASED } from '@scoreline/schema';
import { type Logger, ScorelineError } from '@scoreline/service';

import { type LossyColumn, lossyColumns } from './accepted-columns.ts';
import type { Settings } from './config.ts';
import { ignoredParameters, parseDsn } from './dsn.ts';
import { type Host, type Hosts, hostsOf } from './hosts.ts';
import type { RangeInsert } from './range-insert.ts';
import { inOurTerms, startError } from './server-errors.ts';
import { type Target, targetOf } from './target.ts';

/** What `/status` shows of the table. */
export interface ClickHouseTable extends Destination {
  /** Columns that keep less than the rows have: nothing can be compared by their bytes. */
  readonly lossy: readonly LossyColumn[];
}

/** Lands ranges in one MergeTree table, of one server or of replicas. */
export class ClickHouseSink implements Sink {
  readonly name = 'clickhouse';
  readonly findsOwnRows = true;
  readonly limits: RangeLimits;
  readonly #config: Settings;
  readonly #log: Logger;
  readonly #catalog: Catalog;
  readonly #hosts: Hosts;
  readonly #database: string;
  /** Null until the table is known. */
  #target: Target | null = null;

  /** @throws ConfigError when ch_dsn cannot be understood, or ch_tls_ca not be read. */
  constructor(config: Settings, log: Logger, catalog: Catalog = RELEASED) {
    const endpoint = parseDsn(config.ch_dsn, config.ch_http_url);
    this.#config = config;
    this.#log = log;
    this.#catalog = catalog;
    this.#database = endpoint.database;
    this.limits = {
      rows: config.batch_ch_max_size,
      bytes: Number.POSITIVE_INFINITY,
      minRows: config.batch_ch_min_size,
      ageMs: config.batch_ch_interval,
      spacingMs: config.ch_insert_spacing,
    };
    this.#hosts = hostsOf(endpoint, config);
  }

  async start(): Promise<ClickHouseTable> {
    const { ch_dsn: dsn, table } = this.#config;
    const ignored = ignoredParameters(dsn);
    if (ignored.length > 0) this.#log.info({ ignored }, 'parameters of ch_dsn without effect here');
    const name = { database: this.#database, table };
    const title = `ClickHouse table ${name.database}.${name.table}`;
    const options = { config: this.#config, catalog: this.#catalog, log: this.#log };
    try {
      this.#target = await targetOf(this.#hosts, name, options);
    } catch (error) {
      throw startError(error, `looking at the ${title}`);
    }
    const lossy = lossyColumns(this.#target.columns);
    if (lossy.length > 0) this.#log.warn({ lossy }, 'columns that keep less than the rows have');
    const { fingerprint, holdsRows } = this.#target;
    return { name: title, fingerprint, holdsRows, lossy };
  }

  async heldUpTo(signal: AbortSignal): Promise<number | null> {
    return this.#known.heldUpTo(signal);
  }

  async *heldIds(ids: AskedIds, signal: AbortSignal): AsyncGenerator<Float64Array, void> {
    const host = this.#hosts.current;
    try {
      yield* this.#known.heldIds(host, ids, signal);
    } catch (error) {
      signal.throwIfAborted();
      const ours = inOurTerms(error, `asking ${host.address} which ids the table holds`);
      if (ours.action === 'retry') this.#hosts.leave(host);
      throw ours;
    }
  }

  async write(range: Range, attempt: WriteAttempt, signal: AbortSignal): Promise<void> {
    const host = this.#hosts.current;
    try {
      const inserts = await this.#insertsAt(this.#known, host);
      await inserts.write(range, attempt, signal);
    } catch (error) {
      if (error instanceof ScorelineError && error.action === 'retry' && !signal.aborted) {
        this.#hosts.leave(host);
      }
      throw error;
    }
  }

  get #known(): Target {
    if (!this.#target) throw new Error('the table has not been looked at');
    return this.#target;
  }

  async #insertsAt(target: Target, host: Host): Promise<RangeInsert> {
    try {
      return await target.insertsAt(host);
    } catch (error) {
      throw inOurTerms(error, `looking at the table at ${host.address}`);
    }
  }

  async stop(): Promise<void> {
    await this.#hosts.close();
  }
}
