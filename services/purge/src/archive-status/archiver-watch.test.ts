import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type ArchiverRow, ArchiverWatch } from './archiver-watch.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function watch(): {
  at: (ms: number, ...rows: ArchiverRow[]) => string[];
} {
  let now = 0;
  const watched = new ArchiverWatch(() => now);
  return {
    at: (ms, ...rows) => {
      now = ms;
      return watched.look(rows).map(({ kind, code, message }) => {
        assert.equal(code, 'archiver-active');
        return `${kind}: ${message}`;
      });
    },
  };
}

const row = (archiver: string, id: number | null, stillMs: number | null = null): ArchiverRow => ({
  archiver,
  id,
  stillMs,
});

test('where the table tells no time, a row is watched for as long as its archiver may pause', () => {
  const { at } = watch();
  assert.deepEqual(at(0, row('clickhouse', 5)), [
    'wait: the row of the archiver clickhouse in log_scores_archive_status, at id 5, is known to stand still for 0 min: it counts as stopped after 10 min',
  ]);
  assert.equal(at(10 * MINUTE - 1, row('clickhouse', 5)).length, 1);
  assert.deepEqual(at(10 * MINUTE, row('clickhouse', 5)), []);
});

test('a row that moves is refused, until it has stood still for so long again', () => {
  const { at } = watch();
  at(0, row('bigquery', 5));
  assert.deepEqual(at(10 * MINUTE, row('bigquery', 5)), []);
  assert.match(at(11 * MINUTE, row('bigquery', 6))[0]!, /^refuse: .* at id 6, moved 0 min ago/);
  assert.match(at(20 * MINUTE, row('bigquery', 6))[0]!, /^refuse: .*, moved 9 min ago/);
  assert.deepEqual(at(21 * MINUTE, row('bigquery', 6)), []);
});

test('with the server telling when it moved last, one look may be enough', () => {
  const { at } = watch();
  assert.deepEqual(at(0, row('clickhouse', 5, 10 * MINUTE)), []);
  assert.match(at(1, row('cleanup', 5, 9 * MINUTE))[0]!, /^wait: .* stand still for 9 min/);
});

test('what was seen to move has moved, though its time was not changed, or is to come', () => {
  const { at } = watch();
  at(0, row('clickhouse', 5, 3 * HOUR));
  assert.match(at(MINUTE, row('clickhouse', 6, 3 * HOUR))[0]!, /^refuse: .*, moved 0 min ago/);
  assert.match(at(2 * MINUTE, row('cleanup', 6, -3 * HOUR))[0]!, /^wait: .* for 0 min/);
});

test('archivers of files, and those that nobody knows, may pause for a day', () => {
  const { at } = watch();
  for (const archiver of ['gcsavro', 'fileavro', 'ours-too']) {
    assert.match(at(0, row(archiver, null, 23 * HOUR))[0]!, /at id NULL, .* for 23 h.* after 24 h/);
    assert.deepEqual(at(0, row(archiver, null, 24 * HOUR)), []);
  }
});

test('each row is watched by itself, and one that was gone begins again', () => {
  const { at } = watch();
  at(0, row('clickhouse', 5));
  assert.equal(at(10 * MINUTE, row('clickhouse', 5), row('bigquery', 5)).length, 1);
  assert.deepEqual(at(11 * MINUTE), []);
  assert.equal(at(12 * MINUTE, row('clickhouse', 5)).length, 1);
});
