import assert from 'node:assert/strict';
import { test } from 'node:test';

import { retentionWarning } from './offsets-retention.ts';

const DAY_MS = 86_400_000;

test('the brokers’ default of seven days is enough for a commit a day', () => {
  assert.equal(retentionWarning([10_080, 10_080], DAY_MS), null);
});

test('one broker that forgets before a missed commit is made up for is warned of', () => {
  assert.match(retentionWarning([10_080, 2_879], DAY_MS) ?? '', /2879 .* recommit_interval/);
  assert.equal(retentionWarning([10_080, 2_880], DAY_MS), null);
});

test('so are offsets that a stopped sink does not find again the next day', () => {
  assert.match(retentionWarning([60], 60_000) ?? '', /60 .* stopped/);
});

test('brokers that do not say are not warned of', () => {
  assert.equal(retentionWarning([], DAY_MS), null);
});
