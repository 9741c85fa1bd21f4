import type { ClickHouseClient } from '@clickhouse/client';
import { ConfigError } from '@scoreline/service';

import { type Column, COLUMNS } from './columns.ts';
import { startError } from './server-errors.ts';
import { quoted } from './statements.ts';

export interface TableName {
  readonly database: string;
  readonly table: string;
}

/** What of the table must be there for an insert to be repeatable and, once acknowledged, to last. */
const SETTINGS = {
  non_replicated_deduplication_window: {
    value: 10_000,
    enough: (value: number) => value >= 100,
    why: 'without it a repeated insert is inserted twice',
  },
  fsync_after_insert: {
    value: 1,
    enough: (value: number) => value === 1,
    why: 'without it an acknowledged insert can be gone after a power loss',
  },
  fsync_part_directory: {
    value: 1,
    enough: (value: number) => value === 1,
    why: 'without it an acknowledged insert can be gone after a power loss',
  },
} as const;

type SettingName = keyof typeof SETTINGS;

export function createStatement({ database, table }: TableName): string {
  const columns = COLUMNS.map((column) => `  ${definition(column)}`).join(',\n');
  const settings = Object.entries(SETTINGS)
    .map(([name, { value }]) => `${name} = ${value}`)
    .join(', ');
  return `CREATE TABLE IF NOT EXISTS ${quoted(database, table)} (\n${columns}\n) ENGINE = MergeTree PARTITION BY dt ORDER BY (server_id, ts) SETTINGS ${settings}`;
}

export interface FoundTable {
  readonly uuid: string;
  readonly holdsRows: boolean;
}

interface TableRow {
  readonly uuid: string;
  readonly engine: string;
  readonly engine_full: string;
  readonly total_rows: string | null;
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly default_kind: string;
  readonly default_expression: string;
}

/** Creates the table when it is missing, and looks at every property that landing relies on. */
export async function ensureTable(
  client: ClickHouseClient,
  name: TableName,
  { acceptUnsynced }: { readonly acceptUnsynced: boolean },
): Promise<FoundTable> {
  try {
    await client.command({ query: createStatement(name) });
    const [table] = await rows<TableRow>(
      client,
      `SELECT toString(uuid) AS uuid, engine, engine_full, toString(total_rows) AS total_rows
       FROM system.tables WHERE database = {database:String} AND name = {table:String}`,
      name,
    );
    const columns = await rows<ColumnRow>(
      client,
      `SELECT name, type, default_kind, default_expression
       FROM system.columns WHERE database = {database:String} AND table = {table:String}`,
      name,
    );
    const defaults = await rows<{ name: string; value: string }>(
      client,
      'SELECT name, value FROM system.merge_tree_settings',
      name,
    );
    if (!table) throw refused(name, ['it is not in system.tables'], []);
    checkEngine(name, table);
    const settings = settingsOf(table.engine_full, defaults);
    check(name, columns, settings, acceptUnsynced);
    return { uuid: table.uuid, holdsRows: table.total_rows !== '0' };
  } catch (error) {
    throw startError(error, `looking at the table ${name.database}.${name.table}`);
  }
}

function checkEngine(name: TableName, { engine, uuid }: TableRow): void {
  if (engine !== 'MergeTree') {
    throw refused(
      name,
      [`its engine is ${engine}; ranges land exactly once in a MergeTree only`],
      ['name another table, or database, and let this sink create it'],
    );
  }
  if (/^[0-]*$/.test(uuid)) {
    throw refused(
      name,
      ['its database gives tables no UUID, so a table created anew could not be told apart'],
      [`CREATE DATABASE ... ENGINE = Atomic`],
    );
  }
}

/** The table's own settings, else the server's. */
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

function check(
  name: TableName,
  columns: readonly ColumnRow[],
  settings: ReadonlyMap<string, number>,
  acceptUnsynced: boolean,
): void {
  const alter = `ALTER TABLE ${quoted(name.database, name.table)}`;
  const problems: string[] = [];
  const remedies: string[] = [];
  for (const column of COLUMNS) {
    const found = columns.find((one) => one.name === column.name);
    if (!found) {
      problems.push(`it has no column ${column.name}`);
      remedies.push(`${alter} ADD COLUMN ${definition(column)};`);
    } else if (found.type !== column.type || found.default_expression !== (column.default ?? '')) {
      problems.push(`its column ${describe(found)} must be ${definition(column)}`);
      remedies.push(`${alter} MODIFY COLUMN ${definition(column)};`);
    }
  }
  for (const { name: other, default_kind } of columns) {
    if (COLUMNS.some((column) => column.name === other) || default_kind !== '') continue;
    problems.push(`its column ${other} is unknown here and has no default`);
    remedies.push(`${alter} DROP COLUMN ${quoted(other)};`);
  }
  for (const [setting, { value, enough, why }] of Object.entries(SETTINGS)) {
    if (enough(settings.get(setting) ?? 0)) continue;
    if (acceptUnsynced && isSync(setting as SettingName)) continue;
    problems.push(`its setting ${setting} is ${settings.get(setting) ?? 'unknown'}: ${why}`);
    remedies.push(`${alter} MODIFY SETTING ${setting} = ${value};`);
  }
  if (problems.length > 0) throw refused(name, problems, remedies);
}

function isSync(setting: SettingName): boolean {
  return setting.startsWith('fsync');
}

function definition({ name, type, default: value }: Column): string {
  return `${quoted(name)} ${type}${value === undefined ? '' : ` DEFAULT ${value}`}`;
}

function describe({ name, type, default_kind, default_expression }: ColumnRow): string {
  return `${quoted(name)} ${type}${default_kind && ` ${default_kind} ${default_expression}`}`;
}

function refused(
  { database, table }: TableName,
  problems: readonly string[],
  remedies: readonly string[],
): ConfigError {
  return new ConfigError(
    `the ClickHouse table ${database}.${table} cannot hold the rows: ${problems.join('; ')}`,
    {
      code: 'table-mismatch',
      remedy: `${remedies.join('\n')}\nA column that is part of the table’s key cannot be modified: then create a new table and copy the rows (INSERT ... SELECT).`,
    },
  );
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
