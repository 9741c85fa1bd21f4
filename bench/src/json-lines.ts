import type { Judged } from './goals.ts';
import { isMissing, type Outcome } from './measurement.ts';

/** One object a line for each outcome; those of ours carry the verdicts on their work's goals. */
export function formatJsonLines(outcomes: readonly Outcome[], judged: readonly Judged[]): string {
  return outcomes
    .map((one) => {
      if (isMissing(one)) return { system: one.system, work: one.work, missing: one.missing };
      return {
        system: one.system,
        work: one.work,
        rows: one.rows,
        rows_per_s: Math.round(one.rowsPerS),
        cpu_s_per_million: round(one.cpuSPerMillion),
        seconds: round(one.seconds),
        rss_mb: Math.round(one.rssMb),
        held_mb: one.heldMb === null ? null : round(one.heldMb),
        fresh_p99_ms: one.freshP99Ms === null ? null : Math.round(one.freshP99Ms),
        server_cpu_s_per_million:
          one.serverCpuSPerMillion === null ? null : round(one.serverCpuSPerMillion),
        rounds: one.rounds,
        rows_per_s_min: Math.round(one.rowsPerSMin),
        rows_per_s_max: Math.round(one.rowsPerSMax),
        ...(one.system === 'scoreline'
          ? {
              goals: judged
                .filter(({ work }) => work === one.work)
                .map(({ goal, verdict, seen }) => ({ goal, verdict, seen })),
            }
          : {}),
      };
    })
    .map((line) => JSON.stringify(line))
    .join('\n');
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
