import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseOptions } from './options.ts';

test('without arguments everything is measured, three times', () => {
  assert.deepEqual(parseOptions([]), {
    works: [
      'capture-bulk',
      'capture-single',
      'capture-reconcile',
      'capture-freshness',
      'landing-clickhouse',
      'landing-file-null',
      'landing-file-deflate',
      'landing-gcs-null',
      'landing-gcs-deflate',
      'landing-s3-null',
      'landing-s3-deflate',
      'landing-bigquery',
      'landing-large',
      'ledger-load',
      'purge',
    ],
    rows: null,
    rounds: 3,
    only: null,
    json: false,
    help: false,
  });
});

test('a name picks a work or all works that begin with it', () => {
  assert.deepEqual(parseOptions(['capture']).works, [
    'capture-bulk',
    'capture-single',
    'capture-reconcile',
    'capture-freshness',
  ]);
  assert.deepEqual(parseOptions(['ledger']).works, ['ledger-load']);
  assert.deepEqual(parseOptions(['landing-s3', 'capture-single']).works, [
    'capture-single',
    'landing-s3-null',
    'landing-s3-deflate',
  ]);
  assert.equal(parseOptions(['landing']).works.length, 9);
});

test('numbers and systems are taken', () => {
  const options = parseOptions([
    '--rows',
    '50_000',
    '--rounds',
    '5',
    '--only',
    'maxwell',
    '--json',
    '--help',
  ]);
  assert.equal(options.rows, 50_000);
  assert.equal(options.rounds, 5);
  assert.equal(options.only, 'maxwell');
  assert.equal(options.json, true);
  assert.equal(options.help, true);
});

test('what makes no sense is told by name', () => {
  assert.throws(() => parseOptions(['capt']), /capt: no such work/);
  assert.throws(() => parseOptions(['--rows', '0']), /--rows 0/);
  assert.throws(() => parseOptions(['--rounds', 'two']), /--rounds two/);
  assert.throws(() => parseOptions(['--only', 'toString']), /--only toString/);
  assert.throws(() => parseOptions(['--row', '1']), /--row/);
});
