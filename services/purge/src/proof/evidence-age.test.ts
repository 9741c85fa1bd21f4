import assert from 'node:assert/strict';
import { test } from 'node:test';

import { whyStale } from './evidence-age.ts';

test('evidence counts from when reading it began, for so long', () => {
  const at = (nowMs: number) => whyStale({ readAtMs: 1_000 }, nowMs, 500);
  assert.equal(at(1_000), null);
  assert.equal(at(1_500), null);
  assert.equal(at(1_501)?.code, 'evidence-stale');
  assert.match(at(1_501)?.message ?? '', /501 ms old/);
});

test('a clock that was set back makes it old, not new', () => {
  assert.equal(whyStale({ readAtMs: 1_000 }, 999, 500)?.code, 'evidence-stale');
  assert.equal(whyStale({ readAtMs: 1_000 }, Number.NaN, 500)?.code, 'evidence-stale');
});
