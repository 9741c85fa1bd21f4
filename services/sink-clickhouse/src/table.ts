import type { ClickHouseClient } from '@clickhouse/client';
import { ConfigError, type Logger } from '@scoreline/service';

import type { Column } from './columns.ts';
import { MigrationRecords } from './migration-records.ts';
import { unrecorded } from './migrations.ts';
import { inOurTerms } from './server-errors.ts';
import { quoted } from './statements.ts';
import { readTable, type ReplicaFacts, type TableFacts, type TableName } from './table-facts.ts';
import { definition, isOwn, planTable, type PlanOptions, type Problem } from './table-plan.ts';
import { tableSettings } from './table-settings.ts';

/** Replicas are one table by its UUID, which each of their servers is told; where they meet, its settings say. */
export function createStatement(
  { database, table }: TableName,
  { wanted, uuid }: { readonly wanted: readonly Column[]; readonly uuid: string | null },
): string {
  const columns = wanted.map((column) => `  ${definition(column)}`).join(',\n');
  const settings = tableSettings(uuid !== null).map(({ name, value }) => `${name} = ${value}`);
  const name = `${quoted(database, table)}${uuid === null ? '' : ` UUID '${uuid}'`}`;
  return `CREATE TABLE IF NOT EXISTS ${name} (\n${columns}\n) ENGINE = ${engineOf(uuid !== null)} PARTITION BY dt ORDER BY (server_id, ts) SETTINGS ${settings.join(', ')}`;
}

function engineOf(replicated: boolean): string {
  return replicated ? 'ReplicatedMergeTree' : 'MergeTree';
}

export interface FoundTable {
  readonly uuid: string;
  readonly holdsRows: boolean;
  /** As rows go into them. */
  readonly columns: readonly Column[];
  readonly replica: ReplicaFacts | null;
}

export interface EnsureOptions extends Omit<PlanOptions, 'records'> {
  /** Which UUID a replica gets that is missing; null for a table of one server. */
  readonly replicaUuid: string | null;
  readonly log: Logger;
}

/**
 * Creates the table when it is missing, brings it up to this version where that is ours to do, and looks
 * at every property that landing relies on.
 *
 * Members that start together may all do so: each statement says IF NOT EXISTS, or sets a value. A
 * migration is recorded after it was made, so that one which was cut off is made again.
 */
export async function ensureTable(
  client: ClickHouseClient,
  name: TableName,
  options: EnsureOptions,
): Promise<FoundTable> {
  const records = new MigrationRecords(client, name.database);
  let doing = `looking at the table ${name.database}.${name.table}`;
  const run = async (statement: string) => {
    doing = statement;
    // Of replicas, all that are there: the next range may go to any.
    const clickhouse_settings = options.replicaUuid === null ? {} : { alter_sync: '2' };
    await client.command({ query: statement, clickhouse_settings });
    options.log.info({ statement }, 'changed the table');
  };
  try {
    let facts = await readTable(client, name);
    if (!facts) {
      await run(createStatement(name, { wanted: options.wanted, uuid: options.replicaUuid }));
    }
    facts ??= await required(client, name);
    checkEngine(name, facts, engineOf(options.replicaUuid !== null));
    const recorded = await records.of(facts.uuid);
    const planOptions = { ...options, records: recorded };
    const own = isOwn(facts, recorded);
    let plan = planTable(facts, planOptions);
    if (plan.problems.length > 0) throw refused(name, plan.problems);
    if (plan.changes.length > 0) {
      for (const change of plan.changes) await run(`${alter(name)} ${change}`);
      facts = await required(client, name);
      plan = planTable(facts, planOptions);
      const left = plan.changes.map((remedy) => ({ what: `it lacks ${remedy}`, remedy }));
      const problems = [...plan.problems, ...left];
      if (problems.length > 0) throw refused(name, problems);
    }
    const made = unrecorded(options.migrations, recorded);
    if ((own || options.migrate) && made.length > 0) {
      doing = `recording the migrations of ${name.database}.${name.table}`;
      await records.add(facts.uuid, name.table, made);
    }
    const { uuid, holdsRows, replica } = facts;
    return { uuid, holdsRows, columns: plan.columns, replica };
  } catch (error) {
    throw inOurTerms(error, doing);
  }
}

async function required(client: ClickHouseClient, name: TableName): Promise<TableFacts> {
  const facts = await readTable(client, name);
  if (facts) return facts;
  throw new ConfigError(`the ClickHouse table ${name.database}.${name.table} is not to be seen`, {
    code: 'table-mismatch',
    remedy: 'Grant the user SELECT on it: system.tables shows only what a user may read.',
  });
}

function checkEngine(
  { database, table }: TableName,
  { engine, uuid }: TableFacts,
  wanted: string,
): void {
  const refuse = (what: string, remedy: string) =>
    new ConfigError(`the ClickHouse table ${database}.${table} cannot hold the rows: ${what}`, {
      code: 'table-mismatch',
      remedy,
    });
  if (engine !== wanted) {
    throw refuse(
      `its engine is ${engine}; ranges land exactly once in a ${wanted} only`,
      engine === 'ReplicatedMergeTree'
        ? 'Set ch_replicated=true and name every replica in ch_dsn; or name another table, or database.'
        : 'Name another table, or database, and let this sink create it.',
    );
  }
  if (/^[0-]*$/.test(uuid)) {
    throw refuse(
      'its database gives tables no UUID, so a table created anew could not be told apart',
      'CREATE DATABASE ... ENGINE = Atomic',
    );
  }
}

function alter({ database, table }: TableName): string {
  return `ALTER TABLE ${quoted(database, table)}`;
}

function refused(name: TableName, problems: readonly Problem[]): ConfigError {
  const what = problems.map((problem) => problem.what).join('; ');
  const remedies = problems.map(({ remedy }) => `${alter(name)} ${remedy};`).join('\n');
  return new ConfigError(
    `the ClickHouse table ${name.database}.${name.table} cannot hold the rows: ${what}`,
    {
      code: 'table-mismatch',
      remedy: `${remedies}\nA column that is part of the table’s key cannot be modified: then create a new table and copy the rows (INSERT ... SELECT). For the archiver’s table there is ch_existing_table=migrate.`,
    },
  );
}
