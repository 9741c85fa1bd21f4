import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseCpuSeconds, parsePeakRssMb, readUsage } from './proc.ts';

// A line of /proc/<pid>/stat with utime 250 and stime 75, whose name has blanks and parentheses.
const STAT =
  '4242 (node (worker) x) S 1 4242 4242 0 -1 4194560 900 0 0 0 250 75 11 12 20 0 11 0 1234 1 1\n';

test('CPU time is utime and stime, whatever the process is called', () => {
  assert.equal(parseCpuSeconds(STAT), 3.25);
  assert.throws(() => parseCpuSeconds('4242 (cut'), /not a line/);
});

test('peak memory is VmHWM, not what is resident now', () => {
  assert.equal(parsePeakRssMb('VmPeak:\t 900000 kB\nVmHWM:\t  204800 kB\nVmRSS:\t 1024 kB\n'), 200);
  assert.throws(() => parsePeakRssMb('Name:\tnode\nState:\tZ (zombie)\n'), /it has ended/);
});

test('this process is found to have used time and memory', () => {
  const usage = readUsage(process.pid);
  const own = process.cpuUsage();
  assert.ok(Math.abs(usage.cpuSeconds - (own.user + own.system) / 1e6) < 0.1);
  assert.ok(usage.peakRssMb * 1024 * 1024 >= process.memoryUsage.rss() * 0.9);
});
