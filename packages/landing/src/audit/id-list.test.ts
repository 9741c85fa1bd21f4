import assert from 'node:assert/strict';
import { test } from 'node:test';

import { IdList } from './id-list.ts';
import { WordIds } from './id-words.ts';

test('neighbours are one range', () => {
  const list = new IdList();
  for (const id of [1, 2, 3, 7, 9, 10, 2 ** 40]) list.add(id);
  assert.deepEqual(list.ranges, ['1-3', '7', '9-10', `${2 ** 40}`]);
  assert.deepEqual([list.count, list.unnamed], [7, 0]);
});

test('what is too much to be named is counted', () => {
  const list = new IdList();
  for (let id = 0; id < 5000; id += 2) list.add(id);
  assert.equal(list.ranges.length, 1000);
  assert.deepEqual([list.count, list.unnamed], [2500, 1500]);
});

test('a word’s bits are its ids, the highest too', () => {
  const ids = new WordIds();
  assert.equal(ids.add(64, 0b1001), 2);
  assert.equal(ids.add(2 ** 40, 2 ** 31), 1);
  assert.equal(ids.add(0, 2 ** 32 - 1), 32);
  const all = Array.from({ length: 32 }, (_, i) => i);
  assert.deepEqual([...ids.take()], [64, 67, 2 ** 40 + 31, ...all]);
  assert.deepEqual([...ids.take()], []);
});
