import type { Metrics } from '@scoreline/service';

export type ObjectMetrics = ReturnType<typeof objectMetrics>;

/** What every sink of files measures beside what every sink does. */
export function objectMetrics(metrics: Metrics) {
  return {
    objects: metrics.counter(
      'scoreline_sink_objects_total',
      'Files that were stored (`created`), or were found to be there with the same rows (`exists`).',
      ['sink', 'outcome'],
    ),
    bytes: metrics.counter(
      'scoreline_sink_object_bytes_total',
      'Bytes of the files that were stored.',
      ['sink'],
    ),
  };
}
