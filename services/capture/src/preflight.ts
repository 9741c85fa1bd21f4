import {
  identifier,
  preflightServer,
  preflightTable,
  type Problem,
  type ServerFacts,
  sessionConnection,
  settleProblems,
  type Source,
} from '@scoreline/database';
import { checkTable } from '@scoreline/schema';
import type { Logger } from '@scoreline/service';

import { runwayProblems } from './binlog-runway.ts';
import type { CaptureMetrics } from './metrics.ts';

export interface PreflightOptions {
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
  { minRunwayMs, signal, log, metrics }: PreflightOptions,
): Promise<ServerFacts> {
  const connection = await sessionConnection(source, { signal, stage: 'start' });
  try {
    const { server, problems } = await preflightServer(connection, source);
    const table = await preflightTable(connection, source);
    // No columns: the table cannot be seen, which is told already.
    const misfits = table.columns.length === 0 ? [] : checkTable(table.columns);
    settleProblems(
      [
        ...problems,
        ...runwayProblems(server, minRunwayMs),
        ...table.problems,
        ...misfits.map((what) => misfit(source, what)),
      ],
      log,
      metrics,
    );
    return server;
  } finally {
    await connection.end().catch(() => {});
  }
}

function misfit({ database, table }: Source, what: string): Problem {
  return {
    severity: 'error',
    subject: `${database}.${table}`,
    message: `${database}.${table}: ${what}`,
    remedy: `-- change the column in ${identifier(database, table)}, or start a release whose schema has it`,
  };
}
