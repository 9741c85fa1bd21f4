import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Catalog, nextVersion, VERSION_1 } from '@scoreline/schema';

import { COLUMNS, columnsFor } from './columns.ts';
import { MIGRATIONS, migrationsFor } from './migrations.ts';

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

test('a later version has a migration of its own, with its columns behind the others', () => {
  const next = nextVersion(VERSION_1, [{ name: 'jitter', family: 'number' }]);
  const third = nextVersion(next, [{ name: 'hops', family: 'integer' }]);
  const catalog: Catalog = [VERSION_1, next, third];
  assert.deepEqual(migrationsFor([VERSION_1]), MIGRATIONS);
  assert.deepEqual(
    migrationsFor(catalog)
      .slice(MIGRATIONS.length)
      .map(({ number, columns }) => [number, columns]),
    [
      [1002, ['jitter']],
      [1003, ['hops']],
    ],
  );
  assert.deepEqual(columnsFor([VERSION_1]), COLUMNS);
  assert.deepEqual(
    columnsFor(catalog)
      .slice(COLUMNS.length)
      .map(({ name, type, input }) => [name, type, input]),
    [
      ['jitter', 'Nullable(Float64)', 'Nullable(Float64)'],
      ['hops', 'Nullable(Int64)', 'Nullable(Int64)'],
    ],
  );
});
