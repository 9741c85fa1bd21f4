import type { ClickHouseClient } from '@clickhouse/client';

import type { Migration } from './migrations.ts';
import { quoted } from './statements.ts';

/** Beside the table, in its database. */
export const RECORDS_TABLE = 'scoreline_migrations';

/**
 * Which migrations a table has had, by its UUID: a table of the same name that somebody else makes later
 * has had none. Two members that start together may both record one.
 */
export class MigrationRecords {
  readonly #client: ClickHouseClient;
  readonly #database: string;
  readonly #table: string;

  constructor(client: ClickHouseClient, database: string) {
    this.#client = client;
    this.#database = database;
    this.#table = quoted(database, RECORDS_TABLE);
  }

  /** In order; empty for a table that this sink has not made. */
  async of(uuid: string): Promise<readonly Migration[]> {
    const exists = await this.#client.query({
      query:
        'SELECT 1 FROM system.tables WHERE database = {database:String} AND name = {name:String}',
      query_params: { database: this.#database, name: RECORDS_TABLE },
      format: 'JSONEachRow',
    });
    if ((await exists.json()).length === 0) return [];
    const answer = await this.#client.query({
      query: `SELECT number, any(name) AS name, any(columns) AS columns FROM ${this.#table}
        WHERE table_uuid = {uuid:UUID} GROUP BY number ORDER BY number`,
      query_params: { uuid },
      format: 'JSONEachRow',
    });
    return answer.json<Migration>();
  }

  async add(uuid: string, table: string, migrations: readonly Migration[]): Promise<void> {
    await this.#client.command({
      query: `CREATE TABLE IF NOT EXISTS ${this.#table} (
        table_uuid UUID, \`table\` String, number UInt32, name String, columns Array(String),
        made_at DateTime64(3, 'UTC') DEFAULT now64(3)
      ) ENGINE = MergeTree ORDER BY (table_uuid, number) SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
    });
    await this.#client.insert({
      table: this.#table,
      values: migrations.map((migration) => ({ table_uuid: uuid, table, ...migration })),
      columns: ['table_uuid', 'table', 'number', 'name', 'columns'],
      format: 'JSONEachRow',
      clickhouse_settings: { async_insert: 0 },
    });
  }
}
