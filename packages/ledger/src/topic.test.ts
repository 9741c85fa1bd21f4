import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ledgerSpec, ledgerTopic } from './topic.ts';

test('a ledger is compacted, has one partition, and nothing in it expires', () => {
  const { partitions, exactPartitions, required } = ledgerSpec('log_scores.ledger');
  assert.equal(partitions, 1);
  assert.equal(exactPartitions, true);
  assert.deepEqual(
    Object.fromEntries(Object.entries(required).map(([name, { value }]) => [name, value])),
    {
      'cleanup.policy': 'compact',
      'retention.ms': '-1',
      'retention.bytes': '-1',
      'segment.bytes': '33554432',
      'segment.ms': '600000',
      'min.cleanable.dirty.ratio': '0.1',
    },
  );
});

test('a ledger is named after its table, behind the prefix', () => {
  assert.equal(ledgerTopic('log_scores'), 'log_scores.ledger');
  assert.equal(ledgerTopic('log_scores', 'beta-'), 'beta-log_scores.ledger');
});
