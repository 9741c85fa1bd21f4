import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backlogClock } from './backlog.ts';

test('the first half of a backlog is old, and the rest is of now', () => {
  const clock = backlogClock({ rows: 4, days: 20 }, () => Date.UTC(2026, 0, 31));
  const old = Date.UTC(2026, 0, 11);
  const now = Date.UTC(2026, 0, 31);
  assert.deepEqual(Array.from({ length: 5 }, clock), [old, old, now, now, now]);
});
