import type { PurgeMetrics } from '../metrics.ts';
import type { Report } from '../report/report.ts';

/** Sets the metrics of what a walk has left; those of what is gone end. */
export function showReport({ waiting, refused, kept }: Report, metrics: PurgeMetrics): void {
  for (const gauge of [metrics.waitingRows, metrics.waitingBuckets, metrics.refused]) gauge.reset();
  for (const { rows, firstBucket, lastBucket, reasons } of waiting) {
    // One sink may lag in several partitions: its rows are counted once.
    const places = new Map(
      reasons.map(({ code, at }) => [`${code}/${at?.sink}`, { code, sink: at?.sink ?? '' }]),
    );
    for (const labels of places.values()) {
      metrics.waitingRows.inc(labels, rows);
      metrics.waitingBuckets.inc(labels, lastBucket - firstBucket + 1);
    }
  }
  for (const { code, at } of refused) metrics.refused.set({ code, sink: at?.sink ?? '' }, 1);
  for (const [why, { rows }] of Object.entries(kept)) metrics.keptRows.set({ why }, rows);
}
