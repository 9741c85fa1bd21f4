import type { Metrics } from '@scoreline/service';

import { trimMetrics } from './trim/metrics.ts';

/** Everything of the purge that moves, beside what every service that reaches the source has (`reloadMetrics`). */
export function purgeMetrics(metrics: Metrics) {
  return {
    deletedRows: metrics.counter('scoreline_purge_deleted_rows_total', 'Rows deleted.'),
    resolvedRows: metrics.counter(
      'scoreline_purge_resolved_rows_total',
      'Rows that were found gone after a purge had ended in the middle of a chunk.',
    ),
    chunks: metrics.counter(
      'scoreline_purge_chunks_total',
      'Chunks by what became of them: deleted, changed, referenced or collided.',
      ['outcome'],
    ),
    chunkSeconds: metrics.histogram(
      'scoreline_purge_chunk_seconds',
      'Duration of the transaction that deletes a chunk.',
      [],
      [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5],
    ),
    chunkRows: metrics.gauge('scoreline_purge_chunk_rows', 'Rows of the next chunk, at most.'),
    passes: metrics.counter(
      'scoreline_purge_passes_total',
      'Walks over the old rows, to their end.',
    ),
    failures: metrics.counter(
      'scoreline_purge_failures_total',
      'Walks that ended with an error, and were begun again.',
      ['code'],
    ),
    lastPass: metrics.gauge(
      'scoreline_purge_last_pass_timestamp_seconds',
      'When the last walk came to its end, seconds since the epoch.',
    ),
    floorId: metrics.gauge('scoreline_purge_floor_id', 'Lowest id that the table holds.'),
    oldestAge: metrics.gauge(
      'scoreline_purge_oldest_row_age_seconds',
      'Age of the row with that id.',
    ),
    deletableRows: metrics.gauge(
      'scoreline_purge_deletable_rows',
      'Old rows that the walk has still to look at, about; 0 when it has come to its end.',
    ),
    waitingRows: metrics.gauge(
      'scoreline_purge_waiting_rows',
      'Old rows that the last walk left, by why and for which sink; empty where it is none.',
      ['code', 'sink'],
    ),
    waitingBuckets: metrics.gauge(
      'scoreline_purge_waiting_buckets',
      'The same in buckets of 65,536 ids.',
      ['code', 'sink'],
    ),
    keptRows: metrics.gauge(
      'scoreline_purge_kept_rows',
      'Old rows that stay, by why: excluded, declined or referenced.',
      ['why'],
    ),
    refused: metrics.gauge(
      'scoreline_purge_refused',
      '1 for each reason that keeps everything from being deleted.',
      ['code', 'sink'],
    ),
    throttledSeconds: metrics.counter(
      'scoreline_purge_throttled_seconds_total',
      'Time that chunks were held back, by why.',
      ['reason'],
    ),
    throttled: metrics.gauge('scoreline_purge_throttled', '1 for what holds chunks back now.', [
      'reason',
    ]),
    requests: metrics.counter(
      'scoreline_purge_reconcile_requests_total',
      'Times that capture was asked to look for rows whose ids the ledger lacks.',
    ),
    leader: metrics.gauge('scoreline_purge_leader', '1 while this process holds the locks.'),
    trim: trimMetrics(metrics),
  };
}

export type PurgeMetrics = ReturnType<typeof purgeMetrics>;
