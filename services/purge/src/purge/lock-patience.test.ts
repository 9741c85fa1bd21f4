import assert from 'node:assert/strict';
import { test } from 'node:test';

import { aborted } from '@scoreline/service';

import { impatiently, lockHeld } from './lock-patience.ts';
import type { HeldLocks } from './ports.ts';

/** Somebody else has it for ever. */
const taken =
  (name: string) =>
  async (
    signal: AbortSignal,
    waiting: (why: ReturnType<typeof lockHeld>) => void,
  ): Promise<HeldLocks> => {
    waiting(lockHeld(name, 'db/ntp.log_scores'));
    await aborted(signal);
    throw signal.reason;
  };

const never = new AbortController().signal;

test('who has the lock is told to those who do not wait for it', async () => {
  const told: string[] = [];
  for (const [name, who] of [
    ['archiver-log_scores', 'the archiver'],
    ['scoreline-purge-log_scores', 'another purge'],
  ] as const) {
    await assert.rejects(
      impatiently(taken(name), 5)(never, ({ message }) => told.push(message)),
      { code: 'locks-held', message: new RegExp(`^${who} runs: .*${name}`) },
    );
  }
  assert.equal(told.length, 2);
});

test('a stop is a stop, and an error of the source its own', async () => {
  const stopping = AbortSignal.abort();
  await assert.rejects(
    impatiently(taken('archiver-x'), 60_000)(stopping, () => {}),
    {
      name: 'AbortError',
    },
  );
  const failing = () => Promise.reject(new Error('no route'));
  await assert.rejects(
    impatiently(failing, 60_000)(never, () => {}),
    /no route/,
  );
});
