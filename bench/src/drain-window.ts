import type { Measured } from './measurement.ts';

/** How much had arrived at a time. */
export interface Sample {
  readonly atMs: number;
  /** Sum of the partitions' end offsets, or rows in a table. */
  readonly total: number;
  readonly cpuSeconds: number;
}

/**
 * The slope from the first sample that shows rows to the first that shows them all: start-up is not
 * counted, and neither are the rows that the first sample shows already. End offsets also count
 * transaction markers, so shares of the total are turned into shares of `rows`.
 */
export function drainWindow(
  samples: readonly Sample[],
  rows: number,
): Pick<Measured, 'rows' | 'seconds' | 'cpuSeconds'> {
  const end = samples.at(-1)?.total ?? 0;
  const first = samples.find((one) => one.total > 0);
  const last = samples.find((one) => one.total === end);
  if (first === undefined || last === undefined || first === last) {
    throw new Error('everything arrived between two samples: give it more rows, with --rows');
  }
  return {
    rows: (rows * (last.total - first.total)) / last.total,
    seconds: (last.atMs - first.atMs) / 1000,
    cpuSeconds: last.cpuSeconds - first.cpuSeconds,
  };
}
