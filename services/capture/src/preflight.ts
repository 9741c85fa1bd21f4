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
import type { Checkpoint } from '@scoreline/ledger';
import { checkTable } from '@scoreline/schema';
import type { Logger } from '@scoreline/service';
import type { Connection } from 'mysql2/promise';

import { runwayProblems } from './binlog-runway.ts';
import { hasAll } from './gtid-continuation.ts';
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
export function asReadyAs(standing: () => Standing, log: Logger): SourceCheck {
  return async (connection, source) => {
    const found = await examine(connection, source);
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
