import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isLeaderPending, leadersServe } from './leaders.ts';

/** Brokers that answer so, one after another, and then as they should. */
function answers(...types: readonly string[]) {
  let asked = 0;
  return {
    asked: () => asked,
    fetchTopicOffsets: async () => {
      const type = types[asked++];
      if (type !== undefined) throw Object.assign(new Error(type), { type });
      return [];
    },
  };
}

test('a leader that has not taken its partition over is asked again', async () => {
  const admin = answers('NOT_LEADER_FOR_PARTITION', 'UNKNOWN_TOPIC_OR_PARTITION');
  await leadersServe(admin, 'rows');
  assert.equal(admin.asked(), 3);
});

test('what does not pass by itself is told at once', async () => {
  const admin = answers('TOPIC_AUTHORIZATION_FAILED');
  await assert.rejects(leadersServe(admin, 'rows'), /TOPIC_AUTHORIZATION_FAILED/);
  assert.equal(admin.asked(), 1);
});

test('what passes when a leader takes over is told apart, also when it was retried', () => {
  const refused = Object.assign(new Error('no'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
  assert.ok(isLeaderPending(new Error('gave up', { cause: refused })));
  assert.ok(!isLeaderPending(new Error('TOPIC_AUTHORIZATION_FAILED')));
});
