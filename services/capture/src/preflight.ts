import {
  type ConnectStage,
  identifier,
  identityFrom,
  preflightServer,
  preflightTable,
  type Problem,
  type ServerFacts,
  type ServerPreflight,
  sessionConnection,
  settleProblems,
  type Source,
  type SourceCheck,
} from '@scoreline/database';
import type { Checkpoint } from '@scoreline/ledger';
import {
  checkTable,
  COLUMN_TYPES,
  isKnown,
  type SqlColumn,
  type TopicVersion,
  type UnknownColumns,
} from '@scoreline/schema';
import type { Logger } from '@scoreline/service';
import type { Connection } from 'mysql2/promise';

import { runwayProblems } from './binlog-runway.ts';
import type { ExcludeRule } from './exclude.ts';
import { hasAll } from './gtid-continuation.ts';
import type { CaptureMetrics } from './metrics.ts';
import { requireSameSource } from './source-identity.ts';

export interface PreflightOptions {
  readonly stage: ConnectStage;
  readonly minRunwayMs: number;
  readonly exclude: readonly ExcludeRule[] | undefined;
  readonly unknownColumns: UnknownColumns;
  readonly version: TopicVersion;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly metrics: CaptureMetrics;
}

/**
 * Everything about server and table that decides whether they can be captured. Reads only.
 *
 * @throws ConfigError with all that is wrong.
 */
export async function preflight(source: Source, options: PreflightOptions): Promise<ServerFacts> {
  const { stage, minRunwayMs, exclude = [], signal, log, metrics } = options;
  const connection = await sessionConnection(source, { signal, stage });
  try {
    const { server, problems, columns } = await examine(connection, source, options);
    settleProblems(
      [
        ...problems,
        ...runwayProblems(server, minRunwayMs),
        ...excludeProblems(exclude, columns, source),
        ...omissions(columns, options, source),
      ],
      log,
      metrics,
    );
    return server;
  } finally {
    await connection.end().catch(() => {});
  }
}

export interface Standing {
  /** As it was examined last. */
  readonly server: ServerFacts;
  /** What another server must have to be taken; null while the one in use serves, or nothing is known of it. */
  readonly orphaned: Checkpoint | null;
}

/**
 * What a source must show before it takes the place of the one in use: to be the same server, or one that
 * has everything of a server that is gone; and to be as ready.
 */
export function asReadyAs(
  standing: () => Standing,
  wanted: WantedColumns,
  log: Logger,
): SourceCheck {
  return async (connection, source) => {
    const found = await examine(connection, source, wanted);
    const identity = identityFrom(found.server);
    const { server, orphaned } = standing();
    if (orphaned === null || !(await hasAll(connection, identity, orphaned))) {
      requireSameSource(identityFrom(server), identity);
    }
    // Warnings are the server's, and told since the start.
    settleProblems(
      found.problems.filter(({ severity }) => severity === 'error'),
      log,
    );
  };
}

type WantedColumns = Pick<PreflightOptions, 'unknownColumns' | 'version'>;

interface Examined extends ServerPreflight {
  /** Empty when the table cannot be seen. */
  readonly columns: readonly SqlColumn[];
}

async function examine(
  connection: Connection,
  source: Source,
  { unknownColumns, version }: WantedColumns,
): Promise<Examined> {
  const { server, problems } = await preflightServer(connection, source);
  const table = await preflightTable(connection, source);
  // No columns: the table cannot be seen, which is told already.
  const misfits =
    table.columns.length === 0 ? [] : checkTable(table.columns, unknownColumns, version);
  return {
    server,
    columns: table.columns,
    problems: [...problems, ...table.problems, ...misfits.map((what) => misfit(source, what))],
  };
}

function misfit({ database, table }: Source, what: string): Problem {
  return {
    severity: 'error',
    subject: `${database}.${table}`,
    message: `${database}.${table}: ${what}`,
    remedy: `-- change the column in ${identifier(database, table)}, or start a release whose schema has it; a new one whose values may go into extra: unknown_columns=keep; or stay in the source: unknown_columns=omit`,
  };
}

/** Said at every start, so that nobody thinks that these are archived. */
function omissions(
  columns: readonly SqlColumn[],
  { unknownColumns, version }: WantedColumns,
  { database, table }: Source,
): Problem[] {
  const unknown = columns.filter(({ name }) => !isKnown(name, version)).map(({ name }) => name);
  if (unknownColumns !== 'omit' || unknown.length === 0) return [];
  return [
    {
      severity: 'warning',
      subject: `${database}.${table}`,
      message: `${database}.${table}: the record has no field for ${unknown.join(', ')}, what the table has there stays in it`,
      remedy: '-- start a release whose schema has the column, or set unknown_columns=keep',
    },
  ];
}

/** A rule on a column that the table lacks would keep nothing out, and never say so. */
export function excludeProblems(
  rules: readonly ExcludeRule[],
  columns: readonly SqlColumn[],
  { database, table }: Pick<Source, 'database' | 'table'>,
): Problem[] {
  if (columns.length === 0) return [];
  const held = new Set(columns.map(({ name }) => name));
  return rules.flatMap(({ column }) => {
    const from = COLUMN_TYPES.find(({ field }) => field === column)?.from;
    const source = from === 'attributes' ? 'attributes' : column;
    if (held.has(source)) return [];
    return [
      {
        severity: 'error',
        subject: `${database}.${table}`,
        message: `exclude: ${database}.${table} has no column ${source}, so that ${column}=/.../ would match no row`,
        remedy: `-- take ${column} out of exclude`,
      },
    ];
  });
}
