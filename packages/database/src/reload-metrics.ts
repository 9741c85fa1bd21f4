import type { Metrics } from '@scoreline/service';

export type ReloadMetrics = ReturnType<typeof reloadMetrics>;

/** For services that take a changed database.yaml while they run. */
export function reloadMetrics(metrics: Metrics) {
  return {
    reloads: metrics.counter(
      'scoreline_database_reloads_total',
      'Changes of database.yaml, or of database_dsn in an *.env file, that were tried and taken without a restart.',
    ),
    reloadFailures: metrics.counter(
      'scoreline_database_reload_failures_total',
      'Looks at such a change that is wrong, or that the server refuses; the source as it was is kept. Rises with each look, until the file is right.',
    ),
  };
}
