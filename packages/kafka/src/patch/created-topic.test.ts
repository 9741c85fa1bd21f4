import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Admin } from 'kafkajs';

import { internal } from '../testing/kafka.ts';

type CreateAdmin = (options: { logger: object; cluster: object }) => Pick<Admin, 'createTopics'>;

const createAdmin = internal('admin/index') as CreateAdmin;

/** An admin of a cluster whose broker answers so when it is asked for a topic that was just created. */
function adminOf(answers: (Error | null)[]) {
  const broker = {
    createTopics: () => Promise.resolve(),
    metadata: () => {
      const answer = answers.shift();
      return answer ? Promise.reject(answer) : Promise.resolve({});
    },
  };
  const cluster = {
    refreshMetadata: () => Promise.resolve(),
    findControllerBroker: () => Promise.resolve(broker),
  };
  return createAdmin({ logger: { namespace: () => ({}) }, cluster });
}

const refusal = (type: string): Error => Object.assign(new Error(type), { type });
const rows = { waitForLeaders: true, topics: [{ topic: 'rows' }] };

// Upstream waits for a leader, but gives up where the broker has not heard of the topic at all, which
// a busy one takes a moment to: the topic was created, and whoever asked for it was told that it was not.
test('a topic is waited for that the broker has not heard of yet', async () => {
  const answers = [
    refusal('UNKNOWN_TOPIC_OR_PARTITION'),
    refusal('LEADER_NOT_AVAILABLE'),
    refusal('UNKNOWN_TOPIC_OR_PARTITION'),
    null,
  ];
  assert.equal(await adminOf(answers).createTopics(rows), true);
  assert.deepEqual(answers, []);
});

test('another answer about a new topic is told', async () => {
  const admin = adminOf([refusal('TOPIC_AUTHORIZATION_FAILED')]);
  await assert.rejects(admin.createTopics(rows), { type: 'TOPIC_AUTHORIZATION_FAILED' });
});
