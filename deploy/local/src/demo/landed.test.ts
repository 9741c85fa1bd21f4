import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { TopicReading } from './gauges.ts';
import { allLanded } from './landed.ts';

const NEVER = new AbortController().signal;

/** Readings one after the other; the last one stays. */
function gauges(...readings: [landed: number | null, topic: TopicReading | null][]) {
  let at = 0;
  const asked: number[] = [];
  return {
    asked,
    topic: async () => readings[Math.min(at, readings.length - 1)]![1],
    landed: async () => {
      asked.push(at);
      return readings[Math.min(at++, readings.length - 1)]![0];
    },
  };
}

test('rows have landed when ClickHouse has them and every group is through', async () => {
  const one = gauges(
    [10, null],
    [9, { end: 14, lags: { clickhouse: 0, file: 0 } }],
    [10, { end: 14, lags: { clickhouse: 0, file: null } }],
    [10, { end: 14, lags: { clickhouse: 0, file: 3 } }],
    [10, { end: 14, lags: { clickhouse: 0, file: 0 } }],
  );
  assert.equal(await allLanded(one, 10, NEVER), true);
  assert.equal(one.asked.length, 5);
});

test('without ClickHouse a topic that still grows is not taken for the end', async () => {
  const one = gauges(
    [null, { end: 12, lags: { file: 0 } }],
    [null, { end: 13, lags: { file: 0 } }],
    [null, { end: 14, lags: { file: 0 } }],
  );
  assert.equal(await allLanded(one, 10, NEVER), true);
  assert.ok(one.asked.length > 3, 'it looked on for a while');
});
