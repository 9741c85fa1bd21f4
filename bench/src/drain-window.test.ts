import assert from 'node:assert/strict';
import { test } from 'node:test';

import { drainWindow, type Sample } from './drain-window.ts';

const samples = (...all: [atMs: number, total: number, cpuSeconds: number][]): Sample[] =>
  all.map(([atMs, total, cpuSeconds]) => ({ atMs, total, cpuSeconds }));

test('neither start-up nor the quiet at the end is counted', () => {
  const window = drainWindow(
    samples(
      [0, 0, 1],
      [900, 0, 2],
      [1000, 100, 2.5],
      [2000, 600, 3],
      [3000, 1100, 3.5],
      [9000, 1100, 4],
    ),
    1100,
  );
  assert.deepEqual(window, { rows: 1000, seconds: 2, cpuSeconds: 1 });
});

test('transaction markers among the offsets are not rows', () => {
  const window = drainWindow(samples([0, 0, 0], [1000, 505, 0], [2000, 1010, 1]), 1000);
  assert.equal(window.rows, 500);
});

test('a backlog that arrived at once, or never, cannot be timed', () => {
  assert.throws(() => drainWindow(samples([0, 0, 0], [20, 1000, 0]), 1000), /--rows/);
  assert.throws(() => drainWindow(samples([0, 0, 0]), 1000), /--rows/);
  assert.throws(() => drainWindow([], 1000), /--rows/);
});
