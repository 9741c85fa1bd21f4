import assert from 'node:assert/strict';
import { test } from 'node:test';

import { reasonOf } from './new-table.ts';

const CREATED_MS = 1_762_992_000_000;

test('of a new table notFound passes, of another it does not', () => {
  assert.equal(reasonOf('notFound', CREATED_MS, CREATED_MS + 1000), 'tableUnavailable');
  assert.equal(reasonOf('notFound', CREATED_MS, CREATED_MS + 3_600_000), 'notFound');
  assert.equal(reasonOf('accessDenied', CREATED_MS, CREATED_MS + 1000), 'accessDenied');
});
