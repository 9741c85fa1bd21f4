import type { Metrics } from '@scoreline/service';

export type BigQueryMetrics = ReturnType<typeof metrics>;

/** What this sink measures beside what every sink does. */
export function metrics(registry: Metrics) {
  return {
    jobs: registry.counter(
      'scoreline_sink_bigquery_jobs_total',
      'Load jobs that have ended, or could not be started, by outcome.',
      ['outcome'],
    ),
    remainingJobs: registry.gauge(
      'scoreline_sink_bigquery_remaining_jobs',
      'What is left of bq_jobs_per_day for the table now.',
    ),
    remainingPartitionChanges: registry.gauge(
      'scoreline_sink_bigquery_remaining_partition_changes',
      'What is left of bq_partition_changes_per_day for the table now.',
    ),
    waiting: registry.gauge(
      'scoreline_sink_bigquery_waiting_ranges',
      'Ranges that wait until the quotas allow their load job.',
    ),
    quotaRefusals: registry.counter(
      'scoreline_sink_bigquery_quota_refusals_total',
      'How often BigQuery said quotaExceeded, after which load jobs pause and are further apart.',
    ),
  };
}
