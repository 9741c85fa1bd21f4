import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ScorelineError } from '@scoreline/service';

import { TopicEnds } from './topic-ends.ts';

const truncated = (error: ScorelineError): boolean =>
  error.code === 'topic-truncated' && /partition 1 up to offset 20/.test(error.message);

test('a topic may end behind what the ledger knows, and not before', () => {
  const ends = new TopicEnds('t', [10, 20]);
  ends.check([10, 20]);
  ends.check([99, 99, 99]);
  assert.throws(() => ends.check([10, 19]), truncated);
  assert.throws(() => ends.check([10]), truncated);
});

test('records go behind the ones that are known', () => {
  const ends = new TopicEnds('t', [10, 20]);
  ends.wrote([
    { partition: 0, baseOffset: 12, records: 5 },
    { partition: 3, baseOffset: 0, records: 1 },
  ]);
  assert.deepEqual(ends.ends, [17, 20, 0, 1]);
  assert.throws(() => ends.wrote([{ partition: 1, baseOffset: 19, records: 1 }]), truncated);
});
