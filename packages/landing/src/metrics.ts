import type { Metrics } from '@scoreline/service';

import { auditMetrics } from './audit/audit-metrics.ts';

export type LandingMetrics = ReturnType<typeof landingMetrics>;

/** What is open in one partition, as its owner sees it when it is asked. */
export interface OpenPartition {
  readonly topic: string;
  readonly partition: number;
  readonly lag: number;
  readonly bufferedBytes: number;
  readonly progress: {
    readonly pending: readonly bigint[];
    readonly quarantined?: { readonly count: number };
  };
  readonly openRows: number;
  readonly openBytes: number;
  readonly leavingBytes: number;
  readonly inFlight: number;
  readonly waitsFor: string | null;
}

export interface LandingGauges {
  /** The partitions that this member has now: others' would be told twice. */
  readonly open: () => Iterable<OpenPartition>;
  readonly spool: { readonly isFull: boolean } | null;
}

/** What every sink measures, under its name. */
export function landingMetrics(
  metrics: Metrics,
  sink = '',
  { open, spool }: LandingGauges = { open: () => [], spool: null },
) {
  const each = ['sink', 'topic', 'partition'] as const;
  const now = (name: string, help: string, value: (one: OpenPartition) => number) =>
    metrics.gauge(name, help, each, function collect() {
      this.reset();
      for (const one of open())
        this.set({ sink, topic: one.topic, partition: one.partition }, value(one));
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
    inFlight: now(
      'scoreline_sink_in_flight_ranges',
      'Ranges that have ended and are being written, or committed.',
      ({ inFlight }) => inFlight,
    ),
    openRanges: now(
      'scoreline_sink_open_ranges',
      '1 while the partition has a range that fills.',
      ({ openRows }) => (openRows > 0 ? 1 : 0),
    ),
    openRows: now(
      'scoreline_sink_open_rows',
      'Rows of the range that fills.',
      ({ openRows }) => openRows,
    ),
    bufferedBytes: now(
      'scoreline_sink_buffered_bytes',
      'Avro bytes of the range that fills, in memory and in the spool.',
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
    spooledBytes: now(
      'scoreline_sink_spooled_bytes',
      'What the partition has in the spool: of the range that fills, and of those in flight.',
      ({ openBytes, leavingBytes }) => openBytes + leavingBytes,
    ),
    paused: now(
      'scoreline_sink_paused',
      '1 while nothing more of the partition is taken in, because ranges in flight must land first or the spool has no room.',
      ({ waitsFor }) => (waitsFor === null ? 0 : 1),
    ),
    closedEarly: metrics.counter(
      'scoreline_sink_closed_early_total',
      'Ranges that were landed before they were full or due, to make room in the spool.',
      each,
    ),
    spoolFull: metrics.gauge(
      'scoreline_sink_spool_disk_full',
      '1 while the disk of spool_dir has no space, and consuming waits for some.',
      ['sink'],
      function collect() {
        this.reset();
        if (spool !== null) this.set({ sink }, spool.isFull ? 1 : 0);
      },
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
    audit: auditMetrics(metrics),
  };
}
