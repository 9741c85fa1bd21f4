import { ConfigError, type Logger, type Metrics } from '@scoreline/service';

/** One thing about the server or the table that is not as capture needs it. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** The variable, grant or table: what a search for it would be. */
  readonly subject: string;
  /** What was seen and what is needed, as a sentence without its full stop. */
  readonly message: string;
  /** SQL, or lines for the server's configuration file, to paste. */
  readonly remedy: string;
}

export type PreflightMetrics = ReturnType<typeof preflightMetrics>;

/** For services that run a preflight of the source. */
export function preflightMetrics(metrics: Metrics) {
  return {
    warnings: metrics.gauge(
      'scoreline_database_preflight_warnings',
      '1 for each thing about the source that weakens a promise, such as sync_binlog.',
      ['subject'],
    ),
  };
}

/**
 * Logs warnings, and stops at errors: all of them, with their remedies.
 *
 * @throws ConfigError with code `source-preflight`.
 */
export function settleProblems(
  problems: readonly Problem[],
  log: Logger,
  metrics?: PreflightMetrics,
): void {
  metrics?.warnings.reset();
  for (const { severity, subject, message, remedy } of problems) {
    if (severity !== 'warning') continue;
    log.warn({ subject, remedy }, message);
    metrics?.warnings.set({ subject }, 1);
  }
  const errors = problems.filter((problem) => problem.severity === 'error');
  if (errors.length === 0) return;
  const lines = errors.map((problem) => `  ${problem.message}`);
  throw new ConfigError(
    ['database_dsn: the source is not ready for capture:', ...lines].join('\n'),
    {
      code: 'source-preflight',
      remedy: errors.map((problem) => problem.remedy).join('\n'),
    },
  );
}

export function identifier(...names: readonly string[]): string {
  return names.map((name) => `\`${name.replaceAll('`', '``')}\``).join('.');
}
