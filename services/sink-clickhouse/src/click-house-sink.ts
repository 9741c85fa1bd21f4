import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { Destination, Range, RangeLimits, Sink, WriteAttempt } from '@scoreline/landing';
import { type Catalog, RELEASED } from '@scoreline/schema';
import type { Logger } from '@scoreline/service';

import { type LossyColumn, lossyColumns } from './accepted-columns.ts';
import { columnsFor } from './columns.ts';
import type { Settings } from './config.ts';
import { ignoredParameters, parseDsn } from './dsn.ts';
import { highestId } from './highest-id.ts';
import { migrationsFor } from './migrations.ts';
import { RangeInsert } from './range-insert.ts';
import { quoted } from './statements.ts';
import { ensureTable } from './table.ts';
import { authority } from './tls.ts';

/** Every partition may be inserting at a time. */
const CONNECTIONS = 64;

/** What `/status` shows of the table. */
export interface ClickHouseTable extends Destination {
  /** Columns that keep less than the rows have: nothing can be compared by their bytes. */
  readonly lossy: readonly LossyColumn[];
}

/** Lands ranges in one MergeTree table. */
export class ClickHouseSink implements Sink {
  readonly name = 'clickhouse';
  readonly limits: RangeLimits;
  readonly #config: Settings;
  readonly #log: Logger;
  readonly #catalog: Catalog;
  readonly #client: ClickHouseClient;
  readonly #database: string;
  /** Null until the table is known. */
  #inserts: RangeInsert | null = null;

  /** @throws ConfigError when ch_dsn cannot be understood, or ch_tls_ca not be read. */
  constructor(config: Settings, log: Logger, catalog: Catalog = RELEASED) {
    const { url, database, username, password } = parseDsn(config.ch_dsn, config.ch_http_url);
    this.#config = config;
    this.#log = log;
    this.#catalog = catalog;
    this.#database = database;
    this.limits = {
      rows: config.batch_ch_max_size,
      bytes: Number.POSITIVE_INFINITY,
      minRows: config.batch_ch_min_size,
      ageMs: config.batch_ch_interval,
      spacingMs: config.ch_insert_spacing,
    };
    this.#client = createClient({
      url,
      database,
      username,
      password,
      application: 'scoreline-sink-clickhouse',
      request_timeout: config.ch_insert_timeout,
      max_open_connections: CONNECTIONS,
      ...authority(url, config.ch_tls_ca),
      compression: { request: false, response: false },
      // Errors are ours to log, and its lines are not JSON.
      log: { level: ClickHouseLogLevel.OFF },
    });
  }

  async start(): Promise<ClickHouseTable> {
    const { ch_dsn: dsn, table, accept_unsynced: acceptUnsynced } = this.#config;
    const ignored = ignoredParameters(dsn);
    if (ignored.length > 0) this.#log.info({ ignored }, 'parameters of ch_dsn without effect here');
    const name = { database: this.#database, table };
    const { uuid, holdsRows, columns } = await ensureTable(this.#client, name, {
      wanted: columnsFor(this.#catalog),
      migrations: migrationsFor(this.#catalog),
      acceptUnsynced,
      migrate: this.#config.ch_existing_table === 'migrate',
      log: this.#log,
    });
    const lossy = lossyColumns(columns);
    if (lossy.length > 0) this.#log.warn({ lossy }, 'columns that keep less than the rows have');
    this.#inserts = new RangeInsert({
      client: this.#client,
      table: quoted(this.#database, table),
      columns,
      log: this.#log,
    });
    return {
      name: `ClickHouse table ${this.#database}.${table}`,
      fingerprint: uuid,
      holdsRows,
      lossy,
    };
  }

  async heldUpTo(signal: AbortSignal): Promise<number | null> {
    return highestId(this.#client, quoted(this.#database, this.#config.table), signal);
  }

  async write(range: Range, attempt: WriteAttempt, signal: AbortSignal): Promise<void> {
    if (!this.#inserts) throw new Error('the table has not been looked at');
    await this.#inserts.write(range, attempt, signal);
  }

  async stop(): Promise<void> {
    await this.#client.close();
  }
}
