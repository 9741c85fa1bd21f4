import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Measured } from './measurement.ts';
import { median, percentile, summarize } from './summary.ts';

const round = (rows: number, seconds: number, more: Partial<Measured> = {}): Measured => ({
  rows,
  seconds,
  cpuSeconds: 1,
  rssMb: 100,
  ...more,
});

test('the median does not care for order, and is between the middle two of an even number', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([10, 1, 2, 3]), 2.5);
  assert.equal(median([7]), 7);
  assert.throws(() => median([]));
});

test('a percentile is a value that was seen, and not exceeded by that share', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(percentile(hundred, 0.99), 99);
  assert.equal(percentile(hundred, 1), 100);
  assert.equal(percentile([5, 1], 0.5), 1);
  assert.equal(percentile([7], 0), 7);
  assert.throws(() => percentile([], 0.5));
});

test('speed and cost are medians of the rounds, memory is the highest', () => {
  const rounds = [
    round(1_000_000, 1, { cpuSeconds: 1, rssMb: 150 }),
    round(1_000_000, 4, { cpuSeconds: 3, rssMb: 280 }),
    round(500_000, 1, { cpuSeconds: 1, rssMb: 100 }),
  ];
  const result = summarize('scoreline', 'capture-bulk', 1_000_000, rounds);
  assert.equal(result.rowsPerS, 500_000);
  assert.equal(result.rowsPerSMin, 250_000);
  assert.equal(result.rowsPerSMax, 1_000_000);
  assert.equal(result.cpuSPerMillion, 2);
  assert.equal(result.seconds, 1);
  assert.equal(result.rssMb, 280);
  assert.equal(result.rows, 1_000_000);
  assert.equal(result.serverCpuSPerMillion, null);
  assert.equal(result.heldMb, null);
});

test('the cost of the server is told where it was measured', () => {
  const rounds = [round(2_000_000, 1, { serverCpuSeconds: 3 })];
  assert.equal(summarize('scoreline', 'landing-clickhouse', 2e6, rounds).serverCpuSPerMillion, 1.5);
});

test('of new rows the worst round is told, where it was measured', () => {
  const rounds = [round(1e6, 1, { freshP99Ms: 80 }), round(1e6, 1, { freshP99Ms: 30 })];
  assert.equal(summarize('scoreline', 'capture-freshness', 1e6, rounds).freshP99Ms, 80);
  assert.equal(summarize('scoreline', 'capture-bulk', 1e6, [round(1e6, 1)]).freshP99Ms, null);
});

test('of what was held the most is told, where it was measured', () => {
  const rounds = [round(1e6, 1, { heldMb: 3 }), round(1e6, 1, { heldMb: 5 })];
  assert.equal(summarize('scoreline', 'ledger-load', 1e6, rounds).heldMb, 5);
});
