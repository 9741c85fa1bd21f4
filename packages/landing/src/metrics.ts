import type { Metrics } from '@scoreline/service';

export type LandingMetrics = ReturnType<typeof landingMetrics>;

/** What is open in one partition, as its owner sees it when it is asked. */
export interface OpenPartition {
  readonly partition: number;
  readonly lag: number;
  readonly bufferedBytes: number;
  readonly progress: {
    readonly pending: readonly bigint[];
    readonly quarantined?: { readonly count: number };
  };
}

/** The partitions that this member has now: others' would be told twice. */
export type OpenPartitions = () => Iterable<OpenPartition>;

/** What every sink measures, under its name. */
export function landingMetrics(metrics: Metrics, sink = '', open: OpenPartitions = () => []) {
  const each = ['sink', 'partition'] as const;
  const now = (name: string, help: string, value: (one: OpenPartition) => number) =>
    metrics.gauge(name, help, each, function collect() {
      this.reset();
      for (const one of open()) this.set({ sink, partition: one.partition }, value(one));
    });
  return {
    rows: metrics.counter('scoreline_sink_landed_rows_total', 'Rows that are durable.', each),
    ranges: metrics.counter('scoreline_sink_landed_ranges_total', 'Ranges that are durable.', each),
    bytes: metrics.counter(
      'scoreline_sink_landed_bytes_total',
      'Avro bytes of the rows that are durable.',
      each,
    ),
    replays: metrics.counter(
      'scoreline_sink_replayed_ranges_total',
      'Ranges that were pending when their partition was taken over, and so were asked for before they were written.',
      each,
    ),
    writeSeconds: metrics.histogram(
      'scoreline_sink_write_seconds',
      'How long the destination took for a range, with every retry.',
      ['sink'],
      [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    ),
    writeFailures: metrics.counter(
      'scoreline_sink_write_failures_total',
      'Attempts to write a range that failed and were repeated.',
      ['sink'],
    ),
    freshnessSeconds: metrics.histogram(
      'scoreline_sink_freshness_seconds',
      'From the commit in MySQL of a range’s oldest rows until they were durable.',
      ['sink'],
      [0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30, 60, 300, 900, 3600, 86_400],
    ),
    lag: now(
      'scoreline_sink_lag_records',
      'Offsets from the committed one to the end of the partition, as it was when it was last fetched.',
      ({ lag }) => lag,
    ),
    pending: now(
      'scoreline_sink_pending_ranges',
      'Ranges that may have been started and are not known to be durable.',
      ({ progress }) => progress.pending.length,
    ),
    bufferedBytes: now(
      'scoreline_sink_buffered_bytes',
      'Avro bytes that wait for their range to be started.',
      ({ bufferedBytes }) => bufferedBytes,
    ),
    quarantined: now(
      'scoreline_sink_quarantined_records',
      'Records that could not land and wait in quarantine for an operator: while it is above 0, no rows are purged.',
      ({ progress }) => progress.quarantined?.count ?? 0,
    ),
    quarantines: metrics.counter(
      'scoreline_sink_quarantined_records_total',
      'Records that this process has put into quarantine.',
      each,
    ),
    recommits: metrics.counter(
      'scoreline_sink_recommits_total',
      'Commits that repeated what was committed, so that it does not expire.',
      each,
    ),
    landedAt: metrics.gauge(
      'scoreline_sink_landed_timestamp_seconds',
      'When the last range landed, seconds since the epoch.',
      each,
    ),
    joins: metrics.counter(
      'scoreline_sink_group_joins_total',
      'How often this member joined its consumer group: once at start and once for each rebalance.',
      ['sink'],
    ),
    sessions: metrics.counter(
      'scoreline_sink_sessions_total',
      'How often this process began consuming anew, which it does after every doubt about a commit.',
      ['sink'],
    ),
  };
}
