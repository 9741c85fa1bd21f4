import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isFresh } from './basis-age.ts';

test('what was read counts from when reading it began, for so long', () => {
  assert.equal(isFresh(1_000, 1_000, 500), true);
  assert.equal(isFresh(1_000, 1_500, 500), true);
  assert.equal(isFresh(1_000, 1_501, 500), false);
});

test('a clock that was set back makes it old, not new', () => {
  assert.equal(isFresh(1_000, 999, 500), false);
  assert.equal(isFresh(1_000, Number.NaN, 500), false);
});
