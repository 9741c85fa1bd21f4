import assert from 'node:assert/strict';
import { test } from 'node:test';

import { quiet } from '@scoreline/landing/testing';

import { followJob } from './follow-job.ts';
import type { LoadJob } from './load-jobs.ts';

const RUNNING: LoadJob = {
  id: 'j-a0',
  isDone: false,
  createdMs: Date.now(),
  error: null,
  outputRows: null,
};
const LANDED = { ...RUNNING, isDone: true, outputRows: 3 };
const FAILED = { ...RUNNING, isDone: true, error: { reason: 'stopped', message: 'cancelled' } };

/** Jobs that answer these in turn, the last one for ever, and `cancelled` once they were cancelled. */
function jobs(answers: readonly (LoadJob | null)[], cancelled?: LoadJob) {
  const calls: string[] = [];
  let at = 0;
  let isCancelled = false;
  return {
    calls,
    async find() {
      calls.push('find');
      if (isCancelled && cancelled) return cancelled;
      return answers[Math.min(at++, answers.length - 1)] ?? null;
    },
    async cancel() {
      calls.push('cancel');
      isCancelled = true;
    },
  };
}

const options = { log: quiet, jobTimeoutMs: 60_000, signal: new AbortController().signal };

test('a job that is done is not asked for again', async () => {
  const none = jobs([]);
  assert.equal((await followJob(LANDED, { ...options, jobs: none })).kind, 'landed');
  assert.equal((await followJob(FAILED, { ...options, jobs: none })).kind, 'failed');
  assert.deepEqual(none.calls, []);
});

test('a job that runs is followed to its end', async () => {
  const running = jobs([RUNNING, LANDED]);
  const outcome = await followJob(RUNNING, { ...options, jobs: running });
  assert.deepEqual(outcome, { kind: 'landed', job: LANDED });
  assert.deepEqual(running.calls, ['find', 'find']);
});

test('a job that does not end is cancelled, and counts as it ends then', async () => {
  const old = { ...RUNNING, createdMs: Date.now() - 61_000 };
  for (const end of [FAILED, LANDED]) {
    const stubborn = jobs([RUNNING], end);
    const { kind } = await followJob(old, { ...options, jobs: stubborn });
    assert.equal(kind, end === LANDED ? 'landed' : 'failed');
    assert.deepEqual(stubborn.calls, ['cancel', 'find']);
  }
});

test('a job that does not end even so is nobody’s guess', async () => {
  const old = { ...RUNNING, createdMs: Date.now() - 1000 };
  const dead = jobs([RUNNING]);
  const outcome = await followJob(old, { ...options, jobTimeoutMs: 150, jobs: dead });
  assert.equal(outcome.kind, 'stuck');
  assert.equal(dead.calls.filter((call) => call === 'cancel').length, 1);
});

test('a job that is gone is asked for again later', async () => {
  await assert.rejects(followJob(RUNNING, { ...options, jobs: jobs([null]) }), { status: 503 });
});

test('waiting ends with its signal', async () => {
  const stop = new AbortController();
  const following = followJob(RUNNING, { ...options, jobs: jobs([RUNNING]), signal: stop.signal });
  stop.abort(new Error('not ours any more'));
  await assert.rejects(following, /not ours any more/);
});
