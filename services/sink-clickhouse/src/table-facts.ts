import type { ClickHouseClient } from '@clickhouse/client';
import { ConfigError } from '@scoreline/service';

import type { ColumnRow } from './accepted-columns.ts';

export interface TableName {
  readonly database: string;
  readonly table: string;
}

/** A table as the server describes it. */
export interface TableFacts {
  readonly uuid: string;
  readonly engine: string;
  readonly partitionKey: string;
  readonly sortingKey: string;
  readonly holdsRows: boolean;
  readonly columns: readonly ColumnRow[];
  /** The table's own settings, else the server's. */
  readonly settings: ReadonlyMap<string, number>;
  /** Null when its engine does not replicate. */
  readonly replica: ReplicaFacts | null;
}

/** One server's replica of a table, as it describes itself. */
export interface ReplicaFacts {
  /** In Keeper: where replicas meet. */
  readonly path: string;
  readonly name: string;
  /** Without Keeper it takes no inserts. */
  readonly isReadonly: boolean;
  /** Of the table, this one too. */
  readonly replicas: number;
  readonly active: number;
}

interface TableRow {
  readonly uuid: string;
  readonly engine: string;
  readonly engine_full: string;
  readonly partition_key: string;
  readonly sorting_key: string;
  readonly total_rows: string | null;
}

/** Null when there is no table of that name. */
export async function readTable(
  client: ClickHouseClient,
  name: TableName,
): Promise<TableFacts | null> {
  const [table] = await rows<TableRow>(
    client,
    `SELECT toString(uuid) AS uuid, engine, engine_full, partition_key, sorting_key,
       toString(total_rows) AS total_rows
     FROM system.tables WHERE database = {database:String} AND name = {table:String}`,
    name,
  );
  if (!table) return null;
  const columns = await rows<ColumnRow>(
    client,
    `SELECT name, type, default_kind, default_expression
     FROM system.columns WHERE database = {database:String} AND table = {table:String}`,
    name,
  );
  const defaults = await rows<{ name: string; value: string }>(
    client,
    `SELECT name, value FROM system.${table.engine.startsWith('Replicated') ? 'replicated_merge_tree_settings' : 'merge_tree_settings'}`,
    name,
  );
  return {
    uuid: table.uuid,
    engine: table.engine,
    partitionKey: table.partition_key,
    sortingKey: table.sorting_key,
    holdsRows: table.total_rows !== '0',
    columns,
    settings: settingsOf(table.engine_full, defaults),
    replica: table.engine.startsWith('Replicated') ? await readReplica(client, name) : null,
  };
}

async function readReplica(client: ClickHouseClient, name: TableName): Promise<ReplicaFacts> {
  const [replica] = await rows<Omit<ReplicaFacts, 'isReadonly'> & { isReadonly: 0 | 1 }>(
    client,
    `SELECT zookeeper_path AS path, replica_name AS name, is_readonly AS isReadonly,
       toUInt32(total_replicas) AS replicas, toUInt32(active_replicas) AS active
     FROM system.replicas WHERE database = {database:String} AND table = {table:String}`,
    name,
  );
  if (replica) return { ...replica, isReadonly: replica.isReadonly === 1 };
  throw new ConfigError(`${name.database}.${name.table} is not to be seen in system.replicas`, {
    code: 'table-mismatch',
    remedy: 'Grant the user SELECT on system.replicas, and SHOW TABLES on the table.',
  });
}

function settingsOf(
  engineFull: string,
  defaults: readonly { name: string; value: string }[],
): ReadonlyMap<string, number> {
  const values = new Map(defaults.map(({ name, value }) => [name, Number(value)] as const));
  const own = /\bSETTINGS (.*)$/s.exec(engineFull)?.[1] ?? '';
  for (const [, name = '', value] of own.matchAll(/(\w+) = '?([^,']+)'?/g)) {
    values.set(name, Number(value));
  }
  return values;
}

async function rows<T>(
  client: ClickHouseClient,
  query: string,
  { database, table }: TableName,
): Promise<readonly T[]> {
  const answer = await client.query({
    query,
    format: 'JSONEachRow',
    query_params: { database, table },
  });
  return answer.json<T>();
}
