import type { Counter, Gauge, Metrics } from '@scoreline/service';

export interface TrimMetrics {
  readonly trimmedOffsets: Counter<'topic' | 'partition'>;
  readonly logStart: Gauge<'topic' | 'partition'>;
  readonly held: Gauge<'sink' | 'code'>;
  readonly failures: Counter;
  readonly lastSuccess: Gauge;
}

export function trimMetrics(metrics: Metrics): TrimMetrics {
  return {
    trimmedOffsets: metrics.counter(
      'scoreline_purge_trimmed_offsets_total',
      'Offsets that were deleted from the topic of rows, since every sink has landed them: records, and markers of transactions.',
      ['topic', 'partition'],
    ),
    logStart: metrics.gauge(
      'scoreline_purge_topic_start_offset',
      'Where the topic of rows begins, as the last look found or left it.',
      ['topic', 'partition'],
    ),
    held: metrics.gauge(
      'scoreline_purge_trim_held_partitions',
      'Partitions of which records older than topic_keep stay, by the sink that they stay for (empty: it is no sink), and why.',
      ['sink', 'code'],
    ),
    failures: metrics.counter(
      'scoreline_purge_trim_failures_total',
      'Times that the topic could not be looked at, or that records were not deleted though they may go: it is tried again after trim_interval.',
    ),
    lastSuccess: metrics.gauge(
      'scoreline_purge_trim_last_success_timestamp_seconds',
      'When the topic was last looked at, and everything deleted that may go.',
    ),
  };
}
