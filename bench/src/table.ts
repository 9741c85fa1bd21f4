import type { Judged } from './goals.ts';
import { isMissing, type Outcome } from './measurement.ts';

const HEAD = [
  'work',
  'system',
  'rows',
  'rows/s',
  'spread',
  'seconds',
  'CPU s/M',
  'server CPU s/M',
  'RSS MB',
  'held MB',
  'fresh p99 ms',
];
const LEFT = new Set([0, 1]);

/** The results, then the goals with their verdicts. */
export function formatTable(outcomes: readonly Outcome[], judged: readonly Judged[]): string {
  const rows = outcomes.map((one) =>
    isMissing(one)
      ? [one.work, one.system, `MISSING: ${one.missing}`]
      : [
          one.work,
          one.system,
          count(one.rows),
          count(one.rowsPerS),
          `${count(one.rowsPerSMin)}-${count(one.rowsPerSMax)}`,
          one.seconds.toFixed(2),
          one.cpuSPerMillion.toFixed(2),
          one.serverCpuSPerMillion?.toFixed(2) ?? '',
          count(one.rssMb),
          one.heldMb?.toFixed(1) ?? '',
          one.freshP99Ms?.toFixed(0) ?? '',
        ],
  );
  const goals = judged.map((one) => [one.verdict, one.work, one.goal, one.seen]);
  return [...align([HEAD, ...rows], LEFT), '', ...align(goals, new Set([0, 1, 2, 3]))].join('\n');
}

/** Columns as wide as their widest cell; a row's last cell may be longer when it stands for the rest. */
function align(rows: readonly (readonly string[])[], left: ReadonlySet<number>): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const whole = rows.filter((row) => row.length === columns);
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(
      ...whole.map((row) => row[column]?.length ?? 0),
      ...(left.has(column) ? rows.map((row) => row[column]?.length ?? 0) : []),
    ),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const standsForRest = row.length < columns && column === row.length - 1;
        if (left.has(column) || standsForRest) return cell.padEnd(widths[column] ?? 0);
        return cell.padStart(widths[column] ?? 0);
      })
      .join('  ')
      .trimEnd(),
  );
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
