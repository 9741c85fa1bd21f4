import type { LandingMetrics } from './metrics.ts';
import type { Range } from './range.ts';

/** Counts a range that has just become durable. */
export function recordLanded(
  metrics: LandingMetrics,
  sink: string,
  { range, replay }: { readonly range: Range; readonly replay: boolean },
): void {
  const labels = { sink, topic: range.topic, partition: range.partition };
  metrics.rows.inc(labels, range.rows);
  metrics.ranges.inc(labels);
  metrics.bytes.inc(labels, range.byteLength);
  if (replay) metrics.replays.inc(labels);
  metrics.landedAt.set(labels, Date.now() / 1000);
  metrics.freshnessSeconds.observe({ sink }, Math.max(0, Date.now() - range.oldestMs) / 1000);
}
