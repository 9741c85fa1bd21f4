import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RetryableError, ScorelineError } from '@scoreline/service';
import kafkajs from 'kafkajs';

import { askBrokers } from './ask-brokers.ts';

const { signal } = new AbortController();

/** What kafkajs throws for an error that a broker answers. */
function protocolError(type: string): Error {
  const answer = Object.assign(new Error(type), { type, code: 1, retriable: false });
  return new kafkajs.KafkaJSProtocolError(answer);
}

async function thrown(cause: unknown): Promise<unknown> {
  return askBrokers('the groups of sink x', signal, () => Promise.reject(cause)).catch(
    (error: unknown) => error,
  );
}

for (const [type, code, action] of [
  ['UNKNOWN_TOPIC_OR_PARTITION', 'topic-missing', 'stop'],
  ['GROUP_AUTHORIZATION_FAILED', 'kafka-refuses', 'stop'],
  ['NOT_COORDINATOR_FOR_GROUP', 'brokers-unread', 'retry'],
] as const) {
  test(`${type} is ${code}`, async () => {
    const error = await thrown(protocolError(type));
    assert.ok(error instanceof ScorelineError);
    assert.equal(error.code, code);
    assert.equal(error.action, action);
    assert.equal(error.message, `the groups of sink x cannot be read: ${type}`);
  });
}

test('what is of ours, or a mistake of ours, stays as it is', async () => {
  const own = new RetryableError('w', { code: 'c' });
  assert.equal(await thrown(own), own);
  const mistake = new TypeError('undefined is not a function');
  assert.equal(await thrown(mistake), mistake);
});

test('what ends because it is to end is that end', async () => {
  const ending = new AbortController();
  ending.abort();
  await assert.rejects(
    askBrokers('w', ending.signal, () => Promise.reject(new Error('closed'))),
    { name: 'AbortError' },
  );
});
