import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BinlogGrowth, bytesFrom } from './binlog-growth.ts';

const MINUTE = 60_000;
const file = (number: number, bytes: number) => ({ name: `binlog.00000${number}`, bytes });
const end = (number: number, offset: number) => ({ file: `binlog.00000${number}`, offset });

test('growth is counted over rotations, and not before a minute has passed', () => {
  const growth = new BinlogGrowth();
  assert.equal(growth.measure([file(1, 900), file(2, 500)], end(2, 500), 0), null);
  assert.equal(growth.measure([file(2, 9_000)], end(2, 9_000), MINUTE - 1), null);
  const files = [file(1, 900), file(2, 1_000), file(3, 1_000), file(4, 4_500)];
  assert.equal(growth.measure(files, end(4, 4_500), MINUTE), 6_000 / 60);
});

test('a new hour is measured for itself', () => {
  const growth = new BinlogGrowth();
  growth.measure([file(1, 0)], end(1, 0), 0);
  assert.equal(growth.measure([file(1, 3_600)], end(1, 3_600), 60 * MINUTE), 1);
  assert.equal(growth.measure([file(1, 3_601)], end(1, 3_601), 60 * MINUTE + 1), 1, 'too soon');
  assert.equal(growth.measure([file(1, 4_200)], end(1, 4_200), 61 * MINUTE), 10);
});

test('where the beginning was purged, it is measured from now on', () => {
  const growth = new BinlogGrowth();
  growth.measure([file(1, 100)], end(1, 100), 0);
  assert.equal(growth.measure([file(3, 100)], end(3, 100), 10 * MINUTE), null);
  assert.equal(growth.measure([file(3, 6_100)], end(3, 6_100), 11 * MINUTE), 100);
});

test('a file counts with all that are behind it, by number', () => {
  const files = [
    { name: 'binlog.999999', bytes: 1 },
    { name: 'binlog.1000000', bytes: 20 },
    { name: 'binlog.1000001', bytes: 300 },
  ];
  assert.equal(bytesFrom(files, 'binlog.1000000'), 320);
});
