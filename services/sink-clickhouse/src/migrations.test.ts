import assert from 'node:assert/strict';
import { test } from 'node:test';

import { COLUMNS } from './columns.ts';
import { MIGRATIONS } from './migrations.ts';

test('every column is made by exactly one migration', () => {
  assert.deepEqual(
    MIGRATIONS.flatMap(({ columns }) => columns),
    COLUMNS.map(({ name }) => name),
  );
});

test('migrations are numbered without a gap', () => {
  assert.deepEqual(
    MIGRATIONS.map(({ number }) => number),
    MIGRATIONS.map((_, index) => index),
  );
});

test('what versions before have made does not change', () => {
  assert.deepEqual(
    MIGRATIONS.slice(0, 2).map(({ columns }) => [columns.length, columns.at(-1)]),
    [
      [17, 'attributes'],
      [1, 'extra'],
    ],
  );
});
