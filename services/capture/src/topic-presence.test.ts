import assert from 'node:assert/strict';
import { test } from 'node:test';

import { requireLedger, topicEnds } from './topic-presence.ts';

const { signal } = new AbortController();

/** As kafkajs tells it after its own attempts. */
function unknown(): Error {
  const cause = Object.assign(new Error('This server does not host this topic-partition'), {
    type: 'UNKNOWN_TOPIC_OR_PARTITION',
  });
  return new Error(cause.message, { cause });
}

/** Brokers that know the topic from the attempt `from` on. */
function known(from: number) {
  let attempts = 0;
  return {
    fetchTopicOffsets: async () => {
      if (++attempts < from) throw unknown();
      return [
        { partition: 1, offset: '7', high: '7', low: '0' },
        { partition: 0, offset: '5', high: '5', low: '2' },
      ];
    },
  };
}

test('a topic that the brokers do not know for a moment is waited for', async () => {
  assert.deepEqual(await topicEnds(known(3), 't', { signal }), [5, 7]);
  await requireLedger(known(3), 'l', { signal });
});

test('a topic that was deleted stops capture', async () => {
  const gone = known(Infinity);
  await assert.rejects(topicEnds(gone, 't', { signal, patienceMs: 0 }), {
    action: 'stop',
    code: 'topic-truncated',
    message: 'topic t does not exist any more',
  });
  await assert.rejects(requireLedger(gone, 'l', { signal, patienceMs: 0 }), {
    action: 'stop',
    code: 'ledger-missing',
    message: 'l does not exist any more',
  });
});

test('any other trouble says nothing of the topic', async () => {
  const trouble = new Error('Connection timeout');
  const broken = {
    fetchTopicOffsets: async () => {
      throw trouble;
    },
  };
  await assert.rejects(topicEnds(broken, 't', { signal, patienceMs: 0 }), trouble);
  await assert.rejects(requireLedger(broken, 'l', { signal, patienceMs: 0 }), trouble);
});

test('a stop ends the waiting', async () => {
  const stopping = new AbortController();
  const waiting = topicEnds(known(Infinity), 't', { signal: stopping.signal });
  stopping.abort(new Error('stopping'));
  await assert.rejects(waiting, /stopping|aborted/);
});
