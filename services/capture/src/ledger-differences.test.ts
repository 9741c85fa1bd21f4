import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BUCKET_IDS, CapturedIds } from '@scoreline/ledger';

import { LedgerDifferences } from './ledger-differences.ts';

const TOPIC = 'rows';

/** A ledger of one partition whose rows are at the offsets that are their ids' indexes. */
function ledger(ids: readonly number[]): CapturedIds {
  const captured = new CapturedIds();
  for (const [offset, id] of ids.entries()) {
    captured.add(id);
    captured.wrote(Math.floor(id / BUCKET_IDS), TOPIC, 0, offset, offset + 1);
  }
  return captured;
}

const log = (from: number, to: number) => [{ from, to, end: to }];

test('equal sets have no differences, in whatever order the rows are', () => {
  const ids = [70_000, 5, 3, 70_001, 0];
  const differences = new LedgerDifferences(ledger(ids));
  for (const [offset, id] of ids.entries()) differences.row(TOPIC, id, 0, offset);
  differences.scanned(TOPIC, log(0, 5), [5]);
  assert.deepEqual(differences.result(), []);
  assert.equal(differences.records, 5);
});

test('each kind is counted in full, and told with twenty examples', () => {
  const ids = Array.from({ length: 50 }, (_, i) => i);
  const differences = new LedgerDifferences(ledger(ids));
  for (let id = 1_000; id < 1_030; id++) differences.row(TOPIC, id, 0, id);
  differences.row(TOPIC, 3, 0, 3);
  differences.row(TOPIC, 3, 0, 4);
  differences.row(TOPIC, 4, 0, 50);
  differences.row('other', 5, 0, 5);
  differences.scanned(TOPIC, log(0, 50), [60]);
  const found = differences.result();
  assert.deepEqual(
    found.map(({ kind, count }) => [kind, count]),
    [
      ['short', 1],
      ['twice', 1],
      ['unknown', 30],
      ['missing', 47],
      ['outside', 2],
    ],
  );
  const [, , unknown, missing] = found;
  assert.equal(unknown?.examples.length, 20);
  assert.equal(unknown.examples[0], 'id 1000 at rows[0] offset 1000');
  assert.deepEqual(missing?.examples.slice(0, 2), [
    'id 0: bucket 0 has rows at rows[0] 0-49',
    'id 1: bucket 0 has rows at rows[0] 0-49',
  ]);
});

test('a row that a filter kept out is not one that is captured', () => {
  const captured = ledger([1]);
  captured.exclude(2);
  const differences = new LedgerDifferences(captured);
  differences.row(TOPIC, 1, 0, 0);
  differences.row(TOPIC, 2, 0, 1);
  assert.deepEqual(
    differences.result().map(({ kind, count }) => [kind, count]),
    [['excluded', 1]],
  );
});

test('what was below the log start is not compared, and what is above still is', () => {
  const captured = ledger([1, 2, 70_000, 70_001]);
  const differences = new LedgerDifferences(captured);
  differences.row(TOPIC, 2, 0, 1);
  differences.row(TOPIC, 70_000, 0, 2);
  differences.scanned(TOPIC, log(1, 4), [4]);
  const found = differences.result();
  assert.equal(differences.notComparable, 1);
  assert.deepEqual(
    found.map(({ kind, examples }) => [kind, examples]),
    [['missing', ['id 70001: bucket 1 has rows at rows[0] 2-3']]],
  );
});

test('a bucket that has rows in a retired topic is not compared, and others are', () => {
  const captured = ledger([5, BUCKET_IDS + 1]);
  captured.add(6);
  captured.wrote(0, 'later', 0, 0, 1);
  captured.add(2 * BUCKET_IDS);
  captured.wrote(2, 'later', 0, 1, 2);
  const differences = new LedgerDifferences(captured, new Set([TOPIC]));
  differences.row('later', 6, 0, 0);
  differences.scanned('later', log(0, 2), [2]);
  const [missing, ...others] = differences.result();
  assert.deepEqual([missing?.kind, missing?.count, others], ['missing', 1, []]);
  assert.match(missing!.examples[0]!, /^id 131072: /);
  assert.equal(differences.notComparable, 2);
});
