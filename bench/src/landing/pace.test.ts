import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mayAskAfterMs } from './pace.ts';

test('questions are a hundredth of what has passed apart, within bounds', () => {
  assert.equal(mayAskAfterMs(0), 40);
  assert.equal(mayAskAfterMs(10_000), 100);
  assert.equal(mayAskAfterMs(1_000_000), 500);
});
