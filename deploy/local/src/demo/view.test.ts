import assert from 'node:assert/strict';
import { test } from 'node:test';

import { block, type Frame, line } from './view.ts';

const FRAME: Frame = {
  seconds: 62,
  source: 'MariaDB 11.4',
  destinations: ['ClickHouse', 'files'],
  rowsPerSecond: 1003.4,
  committed: 61_234,
  undone: 512,
  topicEnd: 62_000,
  landed: 61_200,
  lags: { clickhouse: 34, file: 1_200 },
  p50Ms: 180.4,
  p99Ms: null,
  processes: [{ name: 'capture', health: 'ready', restarts: 2 }],
  links: ['ClickHouse http://127.0.0.1:1/play'],
};

test('a line holds every number', () => {
  assert.equal(
    line(FRAME),
    '01:02 in 1,003/s, 61,234 committed | topic end 62,000 | landed 61,200, lag clickhouse 34, file 1,200 | freshness p50 180 ms, p99 - | capture ready (started again 2x)',
  );
});

test('the block holds the same, and where to look', () => {
  const text = block(FRAME).join('\n');
  for (const part of [
    '1,003 rows/s',
    '512 rolled back',
    '62,000',
    '-> Kafka -> ClickHouse, files',
    'clickhouse 34, file 1,200',
    'p50 180 ms',
    '/play',
  ]) {
    assert.ok(text.includes(part), part);
  }
});

test('what is not known yet is a dash, not a zero', () => {
  const text = block({ ...FRAME, topicEnd: null, landed: null, lags: { file: null } }).join('\n');
  assert.match(text, /topic end {3}- /);
  assert.match(text, /landed {6}- /);
  assert.match(text, /lag {9}file -/);
});
