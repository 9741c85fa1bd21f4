import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PermanentError, RetryableError } from './errors.ts';
import { createLog } from './log.ts';
import { retry, type RetryClock } from './retry.ts';

function bench(random = 0) {
  const lines: { level: string; msg: string }[] = [];
  const log = createLog(
    'test',
    { log_level: 'info' },
    { write: (line) => lines.push(JSON.parse(line)) },
  );
  const sleeps: number[] = [];
  let now = 0;
  const clock: RetryClock = {
    now: () => now,
    random: () => random,
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      sleeps.push(ms);
      now += ms;
    },
  };
  return { log, lines, sleeps, clock };
}

const down = () => new RetryableError('down', { code: 'down' });

function failing(times: number, error: () => Error = down) {
  let calls = 0;
  return async () => {
    if (++calls <= times) throw error();
    return calls;
  };
}

test('retries with a delay that doubles up to the maximum, half of it random', async () => {
  const { log, sleeps, clock } = bench();
  const options = {
    signal: AbortSignal.timeout(5000),
    log,
    what: 'x',
    minDelayMs: 100,
    maxDelayMs: 1000,
    clock,
  };
  assert.equal(await retry(failing(6), options), 7);
  assert.deepEqual(sleeps, [50, 100, 200, 400, 500, 500]);

  const jittered = bench(0.5);
  await retry(failing(2), { ...options, clock: jittered.clock });
  assert.deepEqual(jittered.sleeps, [75, 150]);
});

test('the delay stays capped after thousands of failures', async () => {
  const { log, sleeps, clock } = bench(1);
  await retry(failing(3000), { signal: new AbortController().signal, log, what: 'x', clock });
  assert.equal(Math.max(...sleeps), 30_000);
  assert.ok(sleeps.every((ms) => Number.isFinite(ms)));
});

test('a long outage is told at its beginning, once a minute, and at its end', async () => {
  const { log, lines, clock } = bench(1);
  await retry(failing(100), {
    signal: new AbortController().signal,
    log,
    what: 'reaching Kafka',
    minDelayMs: 10_000,
    maxDelayMs: 10_000,
    clock,
  });
  const warnings = lines.filter((line) => line.level === 'warn');
  assert.equal(warnings.length, 17);
  assert.equal(warnings[0]?.msg, 'reaching Kafka failed; trying again');
  assert.equal(lines.at(-1)?.msg, 'reaching Kafka works again');
});

test('an error that asks to stop is thrown at once, and so is a stranger', async () => {
  const { log, sleeps, clock, lines } = bench();
  const options = { signal: new AbortController().signal, log, what: 'x', clock };
  const permanent = () => new PermanentError('no', { code: 'no' });
  await assert.rejects(retry(failing(1, permanent), options), PermanentError);
  await assert.rejects(
    retry(
      failing(1, () => new TypeError('bug')),
      options,
    ),
    TypeError,
  );
  assert.deepEqual([sleeps, lines], [[], []]);
});

test('a stranger is retried when the caller knows that it passes; each failure reaches the hook', async () => {
  const { log, clock } = bench();
  const attempts: number[] = [];
  await retry(
    failing(2, () => new Error('socket hang up')),
    {
      signal: new AbortController().signal,
      log,
      what: 'x',
      clock,
      classify: (error) => (error as Error).message === 'socket hang up',
      onFailure: (_error, attempt) => attempts.push(attempt),
    },
  );
  assert.deepEqual(attempts, [1, 2]);
});

test('an abort ends a wait at once, with its reason', async () => {
  const { log } = bench();
  const controller = new AbortController();
  const waiting = retry(failing(10), {
    signal: controller.signal,
    log,
    what: 'x',
    minDelayMs: 60_000,
    maxDelayMs: 60_000,
  });
  const reason = new Error('stopping');
  setImmediate(() => controller.abort(reason));
  await assert.rejects(waiting, reason);
});

test('a result that arrived is kept, even when the stop came meanwhile', async () => {
  const { log } = bench();
  const controller = new AbortController();
  const written = await retry(
    async () => {
      controller.abort();
      return 'written';
    },
    { signal: controller.signal, log, what: 'x' },
  );
  assert.equal(written, 'written');
});

test('nothing is attempted after the stop', async () => {
  const { log } = bench();
  let calls = 0;
  await assert.rejects(
    retry(async () => calls++, { signal: AbortSignal.abort(), log, what: 'x' }),
    {
      name: 'AbortError',
    },
  );
  assert.equal(calls, 0);
});
