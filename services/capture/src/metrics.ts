import { preflightMetrics, reloadMetrics } from '@scoreline/database';
import type { Metrics } from '@scoreline/service';

import { RunwayGauge } from './runway-gauge.ts';

/** Everything of capture that moves. */
export function captureMetrics(metrics: Metrics) {
  return {
    events: metrics.counter('scoreline_capture_binlog_events_total', 'Binlog events read.', [
      'type',
    ]),
    bytesRead: metrics.counter(
      'scoreline_capture_binlog_bytes_total',
      'Bytes of binlog events read.',
    ),
    rowsRead: metrics.counter(
      'scoreline_capture_rows_read_total',
      'Rows read from the binlog, those that were rolled back later included.',
    ),
    rows: metrics.counter('scoreline_capture_rows_published_total', 'Rows committed to the topic.'),
    rowsExcluded: metrics.counter(
      'scoreline_capture_rows_excluded_total',
      'Rows that exclude kept out of the topic, by the column of the first rule that they matched.',
      ['column'],
    ),
    rowsKnown: metrics.counter(
      'scoreline_capture_rows_known_total',
      'Rows of accept_known that came again, are the same in the topic, and were dropped.',
    ),
    columnsOmitted: metrics.gauge(
      'scoreline_capture_columns_omitted',
      'Columns of the table as last read in the binlog, whose values stay in the source (unknown_columns=omit).',
    ),
    columnsKept: metrics.gauge(
      'scoreline_capture_columns_kept',
      'Columns of the table as last read in the binlog, whose values go into extra (unknown_columns=keep).',
    ),
    groups: metrics.counter(
      'scoreline_capture_groups_total',
      'Transactions of the source that wrote the table, read to their end.',
    ),
    transactions: metrics.counter(
      'scoreline_capture_transactions_total',
      'Kafka transactions committed.',
    ),
    transactionSeconds: metrics.histogram(
      'scoreline_capture_transaction_seconds',
      'Duration of a Kafka transaction, from its first send to its commit.',
      [],
      [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
    ),
    deletes: metrics.counter('scoreline_capture_deletes_total', 'DELETE events of the table.'),
    updates: metrics.counter(
      'scoreline_capture_updates_total',
      'UPDATEs and TRUNCATEs of the table, which break its being append-only.',
    ),
    sessions: metrics.counter(
      'scoreline_capture_sessions_total',
      'Times that capture fenced, read its checkpoint and began to stream.',
    ),
    failures: metrics.counter(
      'scoreline_capture_session_failures_total',
      'Sessions that ended with an error and were begun again.',
      ['code'],
    ),
    queueBytes: metrics.gauge(
      'scoreline_capture_queue_bytes',
      'Bytes of rows that are read and not published yet.',
    ),
    lagSeconds: metrics.gauge(
      'scoreline_capture_lag_seconds',
      'How long ago the oldest row was committed that could be in the topic and is not; 0 when there is none.',
    ),
    reconcileRows: metrics.counter(
      'scoreline_capture_reconcile_rows_total',
      'Rows that were found in the table by reconcile, and published.',
    ),
    requests: metrics.counter(
      'scoreline_capture_reconcile_requests_total',
      'Requests of other services to look for ids in the table, followed.',
    ),
    auditMissing: metrics.counter(
      'scoreline_capture_audit_missing_rows_total',
      'Rows that an audit found in the table and not in the ledger: the stream should have brought them.',
    ),
    reconcileRemaining: metrics.gauge(
      'scoreline_capture_reconcile_remaining_ids',
      'Ids that reconcile has still to look at; 0 when it is not running.',
    ),
    fenceOverdue: metrics.gauge(
      'scoreline_capture_fence_overdue_seconds',
      'For how long the binlog stream has brought no event while the source says that it is further; 0 when the stream has all.',
    ),
    binlogRunway: new RunwayGauge(metrics),
    pollFailures: metrics.counter(
      'scoreline_capture_source_poll_failures_total',
      'Times that the source did not say where its binlog ends.',
    ),
    ...preflightMetrics(metrics),
    ...reloadMetrics(metrics),
    leader: metrics.gauge('scoreline_capture_leader', '1 while this process holds the lock.'),
  };
}

export type CaptureMetrics = ReturnType<typeof captureMetrics>;
