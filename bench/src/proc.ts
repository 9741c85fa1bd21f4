import { readFileSync, writeFileSync } from 'node:fs';

/** proc(5) counts in USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  /** User and system time of all threads, ended ones included, since the process began. */
  readonly cpuSeconds: number;
  /** Highest resident set so far, MB of 2^20 bytes. */
  readonly peakRssMb: number;
}

export function readUsage(pid: number): Usage {
  return {
    cpuSeconds: parseCpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8')),
    peakRssMb: parsePeakRssMb(readFileSync(`/proc/${pid}/status`, 'utf8')),
  };
}

/** Cheap enough to be asked at every sample. */
export function readCpuSeconds(pid: number): number {
  return parseCpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** Lets VmHWM begin again at what is resident now, for a server that has a past. */
export function resetPeakRss(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** utime + stime, fields 14 and 15. The second field, a name, may hold blanks and parentheses. */
export function parseCpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (!Number.isFinite(ticks)) throw new Error(`not a line of /proc/<pid>/stat: ${stat}`);
  return ticks / TICKS_PER_SECOND;
}

export function parsePeakRssMb(status: string): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  // A zombie has no memory to tell of.
  if (kilobytes === undefined) throw new Error('no VmHWM in /proc/<pid>/status: it has ended');
  return Number(kilobytes) / 1024;
}
