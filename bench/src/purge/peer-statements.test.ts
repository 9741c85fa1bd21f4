import assert from 'node:assert/strict';
import { test } from 'node:test';

import { archiverRate } from './peer-statements.ts';

test('the archiver deletes no more than its interval allows, and less where a statement takes longer', () => {
  assert.equal(Math.round(archiverRate(3)), 833);
  assert.equal(archiverRate(400), 500);
});
