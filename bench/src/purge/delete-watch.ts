import { setTimeout as delay } from 'node:timers/promises';

import type { RowDataPacket } from 'mysql2/promise';

import { type Bench, serverPid } from '../bench.ts';
import { drainWindow, type Sample } from '../drain-window.ts';
import type { Measured } from '../measurement.ts';
import { readCpuSeconds, readUsage } from '../proc.ts';
import type { MeasuredProcess } from '../process.ts';

const SAMPLE_MS = 50;

/**
 * Watches a process delete, by the server's own count of rows that were, until it ends: to look for them in
 * the table would have the server step over all that it has not purged yet.
 */
export async function watchDeletes(
  bench: Bench,
  process: MeasuredProcess,
  rows: number,
): Promise<Measured> {
  const server = serverPid(bench, 'mariadb');
  const before = await deletedRows(bench);
  const own: Sample[] = [];
  const servers: Sample[] = [];
  let rssMb = 0;
  let cpuSeconds = 0;
  for (let running = true; running;) {
    bench.signal.throwIfAborted();
    running = process.running;
    const usage = running ? usageOf(process) : null;
    rssMb = usage?.peakRssMb ?? rssMb;
    cpuSeconds = usage?.cpuSeconds ?? cpuSeconds;
    const total = (await deletedRows(bench)) - before;
    const atMs = performance.now();
    own.push({ atMs, total, cpuSeconds });
    servers.push({ atMs, total, cpuSeconds: readCpuSeconds(server) });
    if (running) await delay(SAMPLE_MS);
  }
  const deleted = own.at(-1)?.total ?? 0;
  if (deleted < rows) throw await process.failure(`deleted ${deleted} of ${rows} rows`);
  const { cpuSeconds: serverCpuSeconds } = drainWindow(servers, rows);
  return { ...drainWindow(own, rows), serverCpuSeconds, rssMb };
}

/** Null when it has ended meanwhile. */
function usageOf(process: MeasuredProcess): ReturnType<typeof readUsage> | null {
  try {
    return readUsage(process.pid);
  } catch {
    return null;
  }
}

async function deletedRows({ sql }: Bench): Promise<number> {
  const [[row]] = await sql.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Handler_delete'");
  return Number(row?.['Value']);
}
