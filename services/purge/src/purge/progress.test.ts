import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findFrontier } from './frontier.ts';
import { Progress, type ProgressLine } from './progress.ts';

test('a long run says every 10 s how fast it is and how long it takes', () => {
  const lines: ProgressLine[] = [];
  const progress = new Progress(0, (line) => lines.push(line));
  // Every second id is a row.
  progress.began({ firstId: 1, lastOldId: 2_000_000 }, 0);
  for (let second = 1; second <= 20; second++) {
    progress.reached(second * 20_000, second * 10_000);
    progress.deleted(10_000, second * 20_000, second * 1_000);
  }
  assert.deepEqual(lines, [
    { deletedRows: 100_000, rowsPerSecond: 10_000, leftRows: 900_000, etaSeconds: 90 },
    { deletedRows: 200_000, rowsPerSecond: 10_000, leftRows: 800_000, etaSeconds: 80 },
  ]);
  progress.ended();
  assert.deepEqual(progress.line(), {
    deletedRows: 200_000,
    rowsPerSecond: 0,
    leftRows: 0,
    etaSeconds: null,
  });
  // What it did not do for an hour is not part of its speed.
  progress.began({ firstId: 2_000_001, lastOldId: 2_100_000 }, 3_600_000);
  progress.deleted(5_000, 2_005_000, 3_610_000);
  assert.deepEqual(lines.at(-1), {
    deletedRows: 205_000,
    rowsPerSecond: 500,
    leftRows: 95_000,
    etaSeconds: 190,
  });
});

test('before anything has moved there is no time to tell', () => {
  const progress = new Progress(0, () => {});
  assert.deepEqual(progress.line(), {
    deletedRows: 0,
    rowsPerSecond: 0,
    leftRows: 0,
    etaSeconds: null,
  });
});

test('the end of the old rows is found by halving, over gaps', async () => {
  const ids = Array.from({ length: 10_000 }, (_, at) => 1_000_000 + at * 7);
  let asked = 0;
  for (const oldRows of [0, 1, 4_321, 10_000]) {
    const table = {
      lot: async (after: number, limit: number) => {
        asked++;
        const at = ids.findIndex((id) => id > after);
        const found = at < 0 ? [] : ids.slice(at, at + limit);
        return {
          ids: Float64Array.from(found),
          old: Uint8Array.from(found, (_, index) => (at + index < oldRows ? 1 : 0)),
          referenced: new Set<number>(),
          next: found.at(-1) ?? after,
          isLast: found.length < limit,
        };
      },
    };
    const span = { minId: ids[0]!, maxId: ids.at(-1)!, oldestTs: null };
    const frontier = await findFrontier(table, span, new AbortController().signal);
    assert.deepEqual(frontier, {
      firstId: 1_000_000,
      lastOldId: oldRows === 0 ? 999_999 : ids[oldRows - 1],
    });
  }
  assert.ok(asked < 100, `${asked} looks`);
});
