import type { Measured, Result, System, Work } from './measurement.ts';

/** The middle one; of an even number the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new Error('the median of nothing');
  return (lower + upper) / 2;
}

/** The smallest value that is not exceeded by this share of all, from 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('a percentile of nothing');
  return value;
}

/** Machines are noisy: speed and cost are medians, with the slowest and the fastest round beside. */
export function summarize(
  system: System,
  work: Work,
  backlogRows: number,
  rounds: readonly Measured[],
): Result {
  const speeds = rounds.map((one) => one.rows / one.seconds);
  const perMillion = (seconds: number, one: Measured): number => seconds / (one.rows / 1e6);
  const servers = rounds.flatMap((one) =>
    one.serverCpuSeconds === undefined ? [] : [perMillion(one.serverCpuSeconds, one)],
  );
  const fresh = rounds.flatMap((one) => one.freshP99Ms ?? []);
  const held = rounds.flatMap((one) => one.heldMb ?? []);
  return {
    system,
    work,
    rows: backlogRows,
    rowsPerS: median(speeds),
    rowsPerSMin: Math.min(...speeds),
    rowsPerSMax: Math.max(...speeds),
    seconds: median(rounds.map((one) => one.seconds)),
    cpuSPerMillion: median(rounds.map((one) => perMillion(one.cpuSeconds, one))),
    serverCpuSPerMillion: servers.length > 0 ? median(servers) : null,
    rssMb: Math.max(...rounds.map((one) => one.rssMb)),
    heldMb: held.length > 0 ? Math.max(...held) : null,
    freshP99Ms: fresh.length > 0 ? Math.max(...fresh) : null,
    rounds: rounds.length,
  };
}
