import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@scoreline/testing';
import kafkajs from 'kafkajs';

import { whileBeating } from './heartbeats.ts';

const WAIT = { what: 'three heartbeats', timeoutMs: 2000, everyMs: 5 };

const refused = (type: string) =>
  new kafkajs.KafkaJSProtocolError(Object.assign(new Error(type), { type }));

function member(beat: (count: number) => Promise<void>) {
  const lost: unknown[] = [];
  let beats = 0;
  return {
    lost,
    beats: () => beats,
    beating: {
      beat: () => beat(++beats),
      everyMs: 5,
      lost: (error: unknown) => void lost.push(error),
    },
  };
}

test('a member is heard of for as long as its work takes', async () => {
  const heard: number[] = [];
  const { beating, lost } = member(async (count) => void heard.push(count));
  const work = until(() => heard.length >= 3, WAIT);
  assert.equal(await whileBeating(work, beating), true);
  assert.deepEqual(lost, []);
});

for (const type of ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']) {
  test(`the wait for work ends when the group goes on without the member: ${type}`, async () => {
    const error = refused(type);
    const { beating, lost } = member(async () => {
      throw error;
    });
    const work = until(() => lost.length > 0, { ...WAIT, what: 'the end of the membership' });
    await assert.rejects(whileBeating(work, beating), error);
    assert.deepEqual(lost, [error]);
    await work;
  });
}

test('a heartbeat that fails otherwise is followed by the next', async () => {
  const { beating, beats, lost } = member(async () => {
    throw new Error('connection lost');
  });
  const work = until(() => beats() >= 3, WAIT);
  await whileBeating(work, beating);
  assert.deepEqual(lost, []);
});
