import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Load } from '../pace/throttle.ts';
import { Pacer, type PacerOptions } from './pacer.ts';

const CALM: Load = {
  replicaLagMs: 0,
  threadsRunning: 1,
  historyListLength: 0,
  captureLagMs: 0,
  paused: false,
  inWindow: true,
};

/** A pacer whose load is what `at` says of the time. */
function pacer(at: (nowMs: number) => Partial<Load>, over: Partial<PacerOptions> = {}) {
  let nowMs = 0;
  let asked = 0;
  const told: string[] = [];
  const pace = new Pacer({
    load: async () => {
      asked++;
      return { ...CALM, ...at(nowMs) };
    },
    switches: () => ({ ...CALM, ...at(nowMs) }),
    limits: {
      replicaLagMs: 5_000,
      threadsRunning: 25,
      criticalThreadsRunning: 50,
      historyListLength: 100,
      captureLagMs: 10_000,
    },
    allowance: null,
    coolDownMs: 60_000,
    patienceMs: Number.POSITIVE_INFINITY,
    clock: {
      now: () => nowMs,
      sleep: async (ms, signal) => {
        signal.throwIfAborted();
        nowMs += ms;
      },
    },
    onHold: (hold, waitedMs) => told.push(`${hold?.code ?? 'on'} ${waitedMs}`),
    ...over,
  });
  return {
    pace,
    told,
    now: () => nowMs,
    asked: () => asked,
    wait: (ms: number) => (nowMs += ms),
  };
}

const signal = new AbortController().signal;

test('a chunk waits until the load is bearable, and how long is told by reason', async () => {
  const { pace, told } = pacer((nowMs) => (nowMs < 1_000 ? { replicaLagMs: null } : {}));
  assert.equal(await pace.ready(100, signal), 1_000);
  assert.deepEqual(told, [
    'replica-lag 0',
    'replica-lag 500',
    'replica-lag 0',
    'replica-lag 500',
    'on 0',
  ]);
});

test('while a server takes seconds to say nothing, all of that is time in which chunks are held back', async () => {
  let nowMs = 0;
  let heldMs = 0;
  const { pace } = pacer(() => ({}), {
    switches: () => ({ paused: false, inWindow: true }),
    load: async () => {
      nowMs += 5_000;
      return { ...CALM, replicaLagMs: nowMs < 50_000 ? null : 0 };
    },
    clock: {
      now: () => nowMs,
      sleep: async (ms) => {
        nowMs += ms;
      },
    },
    onHold: (_hold, waitedMs) => (heldMs += waitedMs),
  });
  const waitedMs = await pace.ready(100, signal);
  assert.equal(heldMs, waitedMs);
  assert.equal(waitedMs, nowMs - 10_000, 'all but the first question and the last');
});

test('a source in need is left alone for cool_down', async () => {
  const { pace } = pacer((nowMs) => (nowMs < 100 ? { threadsRunning: 80 } : {}));
  assert.equal(await pace.ready(100, signal), 60_000);
});

test('a source is not asked for each of many short chunks, and a pause counts at once', async () => {
  let paused = false;
  const { pace, asked, wait } = pacer(() => ({ paused }), { patienceMs: 1_000 });
  for (let chunk = 0; chunk < 10; chunk++) await pace.ready(100, signal);
  assert.equal(asked(), 1);
  wait(500);
  await pace.ready(100, signal);
  assert.equal(asked(), 2);
  paused = true;
  await assert.rejects(pace.ready(100, signal), { code: 'paused' });
});

test('for whom somebody waits it gives up with the reason', async () => {
  const { pace, now } = pacer(() => ({ captureLagMs: 11_000 }), { patienceMs: 2_000 });
  await assert.rejects(pace.ready(100, signal), { code: 'capture-lag' });
  assert.equal(now(), 2_000);
});
