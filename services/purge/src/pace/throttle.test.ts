import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Load, paceFor } from './throttle.ts';

const IDLE: Load = {
  replicaLagMs: 0,
  threadsRunning: 2,
  historyListLength: 10,
  captureLagMs: 100,
  paused: false,
  inWindow: true,
};
const LIMITS = {
  replicaLagMs: 5_000,
  threadsRunning: 25,
  criticalThreadsRunning: 50,
  historyListLength: 100_000,
  captureLagMs: 10_000,
};
const pace = (load: Partial<Load>) => {
  const answer = paceFor({ ...IDLE, ...load }, LIMITS);
  return answer.kind === 'go' ? 'go' : `${answer.kind}: ${answer.reason}`;
};

test('up to the limits it goes on', () => {
  assert.equal(pace({}), 'go');
  assert.equal(
    pace({
      replicaLagMs: 5_000,
      threadsRunning: 25,
      historyListLength: 100_000,
      captureLagMs: 10_000,
    }),
    'go',
  );
});

for (const [load, expected] of [
  [{ paused: true }, 'wait: paused'],
  [{ inWindow: false }, 'wait: outside-window'],
  [{ replicaLagMs: 5_001 }, 'wait: replica-lag'],
  [{ replicaLagMs: null }, 'wait: replica-lag'],
  [{ threadsRunning: 26 }, 'wait: threads-running'],
  [{ threadsRunning: 49 }, 'wait: threads-running'],
  [{ threadsRunning: 50 }, 'cool down: threads-running'],
  [{ threadsRunning: null }, 'wait: threads-running'],
  [{ historyListLength: 100_001 }, 'wait: history-list-length'],
  [{ historyListLength: null }, 'wait: history-list-length'],
  [{ captureLagMs: 10_001 }, 'wait: capture-lag'],
  [{ captureLagMs: null }, 'wait: capture-lag'],
] as const) {
  test(`${JSON.stringify(load)}: ${expected}`, () => {
    assert.equal(pace(load), expected);
  });
}
