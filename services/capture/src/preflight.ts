import {
  type ConnectStage,
  identifier,
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
import { checkTable } from '@scoreline/schema';
import type { Logger } from '@scoreline/service';
import type { Connection } from 'mysql2/promise';

import { runwayProblems } from './binlog-runway.ts';
import type { CaptureMetrics } from './metrics.ts';
import { identityFrom, requireSameSource } from './source-identity.ts';

export interface PreflightOptions {
  readonly stage: ConnectStage;
  readonly minRunwayMs: number;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly metrics: CaptureMetrics;
}

/**
 * Everything about server and table that decides whether they can be captured. Reads only.
 *
 * @throws ConfigError with all that is wrong.
 */
export async function preflight(
  source: Source,
  { stage, minRunwayMs, signal, log, metrics }: PreflightOptions,
): Promise<ServerFacts> {
  const connection = await sessionConnection(source, { signal, stage });
  try {
    const { server, problems } = await examine(connection, source);
    settleProblems([...problems, ...runwayProblems(server, minRunwayMs)], log, metrics);
    return server;
  } finally {
    await connection.end().catch(() => {});
  }
}

/** What a source must show before it takes the place of the one that `server` was found at: the same, and as ready. */
export function asReadyAs(server: () => ServerFacts, log: Logger): SourceCheck {
  return async (connection, source) => {
    const found = await examine(connection, source);
    requireSameSource(identityFrom(server()), identityFrom(found.server));
    // Warnings are the server's, and told since the start.
    settleProblems(
      found.problems.filter(({ severity }) => severity === 'error'),
      log,
    );
  };
}

async function examine(connection: Connection, source: Source): Promise<ServerPreflight> {
  const { server, problems } = await preflightServer(connection, source);
  const table = await preflightTable(connection, source);
  // No columns: the table cannot be seen, which is told already.
  const misfits = table.columns.length === 0 ? [] : checkTable(table.columns);
  return {
    server,
    problems: [...problems, ...table.problems, ...misfits.map((what) => misfit(source, what))],
  };
}

function misfit({ database, table }: Source, what: string): Problem {
  return {
    severity: 'error',
    subject: `${database}.${table}`,
    message: `${database}.${table}: ${what}`,
    remedy: `-- change the column in ${identifier(database, table)}, or start a release whose schema has it`,
  };
}
