import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { until } from '@scoreline/testing';

import { deferred } from './deferred.ts';
import { ConfigError, PermanentError } from './errors.ts';
import { Lifecycle } from './lifecycle.ts';
import { createLog } from './log.ts';
import type { Part } from './part.ts';

interface Line {
  level: string;
  msg: string;
  part?: string;
  err?: { code?: string };
}

function bench(parts: readonly Part[], graceMs = 5000) {
  const lines: Line[] = [];
  const log = createLog(
    'test',
    { log_level: 'info' },
    { write: (line) => lines.push(JSON.parse(line)) },
  );
  return { lines, lifecycle: new Lifecycle(parts, { log, graceMs }) };
}

function part(name: string, events: string[], more: Partial<Part> = {}): Part {
  return {
    name,
    start: async () => void events.push(`start ${name}`),
    stop: async () => void events.push(`stop ${name}`),
    ...more,
  };
}

const running = (lifecycle: Lifecycle) =>
  until(() => lifecycle.state === 'running', { everyMs: 1 });

test('parts start in order and stop in reverse, with exit code 0', async () => {
  const events: string[] = [];
  const { lifecycle } = bench([part('a', events), part('b', events), part('c', events)]);
  const exit = lifecycle.run();
  await running(lifecycle);
  assert.deepEqual(lifecycle.notReady(), []);
  lifecycle.requestStop('SIGTERM');
  assert.deepEqual(lifecycle.notReady(), ['stopping']);
  assert.equal(await exit, 0);
  assert.deepEqual(events, ['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
});

test('a part whose start fails is stopped, too, later ones are not started, and its code is the exit code', async () => {
  const events: string[] = [];
  const failing = part('b', events, {
    start: async () => {
      throw new ConfigError('kafka_brokers: nobody answers', { code: 'unreachable' });
    },
  });
  const { lifecycle, lines } = bench([part('a', events), failing, part('c', events)]);
  assert.equal(await lifecycle.run(), 2);
  assert.deepEqual(events, ['start a', 'stop b', 'stop a']);
  const errors = lines.filter((line) => line.level === 'fatal' || line.level === 'error');
  assert.deepEqual(
    errors.map(({ msg, part: name, err }) => [msg, name, err?.code]),
    [['kafka_brokers: nobody answers', 'b', 'unreachable']],
  );
});

test('a start that throws without a promise is a failed start', async () => {
  const failing: Part = {
    name: 'a',
    start: () => {
      throw new Error('at once');
    },
    stop: async () => {},
  };
  const { lifecycle } = bench([failing]);
  assert.equal(await lifecycle.run(), 1);
});

test('a part that fails while running stops everything, is logged once and decides the exit code', async () => {
  const events: string[] = [];
  let fail: (error: Error) => void = () => {};
  const done = new Promise<void>((_resolve, reject) => {
    fail = reject;
  });
  const { lifecycle, lines } = bench([part('a', events, { done }), part('b', events)]);
  const exit = lifecycle.run();
  await running(lifecycle);
  fail(new PermanentError('the source was rewound', { code: 'source-rewound' }));
  assert.equal(await exit, 1);
  assert.deepEqual(events.slice(2), ['stop b', 'stop a']);
  assert.equal(lines.filter((line) => line.err?.code === 'source-rewound').length, 1);
});

test('a done that exists only after start is followed as well', async () => {
  let fail: (error: Error) => void = () => {};
  const late: { done: Promise<void> | undefined } & Part = {
    name: 'late',
    done: undefined,
    start: async () => {
      await delay(1);
      late.done = new Promise<void>((_resolve, reject) => {
        fail = reject;
      });
    },
    stop: async () => {},
  };
  const { lifecycle } = bench([late]);
  const exit = lifecycle.run();
  await running(lifecycle);
  fail(new Error('late'));
  assert.equal(await exit, 1);
});

test('an earlier part that fails interrupts the start of a later one', async () => {
  let fail: (error: Error) => void = () => {};
  const done = new Promise<void>((_resolve, reject) => {
    fail = reject;
  });
  const slow: Part = {
    name: 'slow',
    start: async (signal) => {
      setImmediate(() => fail(new Error('first')));
      await delay(60_000, undefined, { signal });
    },
    stop: async () => {},
  };
  const { lifecycle, lines } = bench([part('a', [], { done }), slow]);
  assert.equal(await lifecycle.run(), 1);
  assert.deepEqual(
    lines
      .filter((line) => line.level === 'fatal' || line.level === 'error')
      .map((line) => line.msg),
    ['first'],
  );
});

test('a part that has nothing left to do ends the service with 0', async () => {
  const finished = deferred();
  const events: string[] = [];
  const { lifecycle } = bench([part('a', events), part('job', events, { done: finished.promise })]);
  const exit = lifecycle.run();
  await running(lifecycle);
  finished.resolve();
  assert.equal(await exit, 0);
  assert.deepEqual(events.slice(2), ['stop job', 'stop a']);
});

test('a stop during the start interrupts it, and is no error', async () => {
  const events: string[] = [];
  const slow = part('slow', events, {
    start: async (signal) => {
      setImmediate(() => lifecycle.requestStop('SIGTERM'));
      await delay(60_000, undefined, { signal });
    },
  });
  const { lifecycle, lines } = bench([part('a', events), slow, part('never', events)]);
  assert.equal(await lifecycle.run(), 0);
  assert.deepEqual(events, ['start a', 'stop slow', 'stop a']);
  assert.ok(lines.every((line) => line.level === 'info'));
});

test("the signal of a part that runs is not aborted by a stop: it drains until the part's stop returns", async () => {
  const drained = deferred();
  let lifetime: AbortSignal | undefined;
  let abortedWhileDraining: boolean | undefined;
  const draining: Part = {
    name: 'draining',
    start: async (signal) => {
      lifetime = signal;
    },
    stop: async (signal) => {
      await drained.promise;
      abortedWhileDraining = signal.aborted || lifetime?.aborted;
    },
  };
  const { lifecycle } = bench([draining]);
  const exit = lifecycle.run();
  await running(lifecycle);
  lifecycle.requestStop('SIGTERM');
  setImmediate(drained.resolve);
  assert.equal(await exit, 0);
  assert.equal(abortedWhileDraining, false);
});

test('when the time for draining is over the signals are aborted, and parts that obey stop cleanly', async () => {
  let lifetime: AbortSignal | undefined;
  const stuck: Part = {
    name: 'stuck',
    start: async (signal) => {
      lifetime = signal;
    },
    stop: async (signal) => {
      await delay(60_000, undefined, { signal });
    },
  };
  const events: string[] = [];
  const { lifecycle, lines } = bench([part('a', events), stuck], 200);
  const exit = lifecycle.run();
  await running(lifecycle);
  lifecycle.requestStop('SIGTERM');
  assert.equal(await exit, 0);
  assert.equal(lifetime?.aborted, true);
  assert.deepEqual(events, ['start a', 'stop a']);
  assert.ok(lines.some((line) => line.level === 'warn' && line.part === 'stuck'));
});

test('a part that ignores its signal is left behind when the grace is over, with exit code 1', async () => {
  const deaf: Part = { name: 'deaf', start: async () => {}, stop: () => new Promise(() => {}) };
  const { lifecycle, lines } = bench([deaf], 50);
  const exit = lifecycle.run();
  await running(lifecycle);
  lifecycle.requestStop('SIGTERM');
  assert.equal(await exit, 1);
  assert.ok(lines.some((line) => line.level === 'error' && line.part === 'deaf'));
});

test('a second signal forces the exit', async () => {
  const deaf: Part = { name: 'deaf', start: async () => {}, stop: () => new Promise(() => {}) };
  const { lifecycle } = bench([deaf], 60_000);
  const exit = lifecycle.run();
  await running(lifecycle);
  lifecycle.requestStop('SIGTERM');
  lifecycle.requestStop('SIGINT');
  assert.equal(await exit, 1);
});

test('the first signal to a service that stops because of a failure does not cut its draining short', async () => {
  const drained = deferred();
  const failing = Promise.reject(new Error('failed'));
  const slow: Part = { name: 'slow', start: async () => {}, stop: () => drained.promise };
  const { lifecycle, lines } = bench([slow, part('failing', [], { done: failing })], 60_000);
  const exit = lifecycle.run();
  await until(() => lifecycle.state === 'stopping', { everyMs: 1 });
  lifecycle.requestStop('SIGTERM');
  drained.resolve();
  assert.equal(await exit, 1);
  assert.ok(lines.every((line) => !line.msg.startsWith('exiting without')));
});

test('a stop that fails is told, the others are stopped all the same, and the exit code is not 0', async () => {
  const events: string[] = [];
  const bad = part('bad', events, {
    stop: async () => {
      throw new Error('flush failed');
    },
  });
  const { lifecycle, lines } = bench([part('a', events), bad]);
  const exit = lifecycle.run();
  await running(lifecycle);
  lifecycle.requestStop('SIGTERM');
  assert.equal(await exit, 1);
  assert.deepEqual(events.at(-1), 'stop a');
  assert.ok(lines.some((line) => line.msg === 'while stopping: flush failed'));
});

test('while starting and when a part says so, the service is not ready and tells why', async () => {
  const started = deferred();
  let reason: string | null = 'no source yet';
  const capture: Part = {
    name: 'capture',
    start: () => started.promise,
    stop: async () => {},
    notReady: () => reason,
  };
  const { lifecycle } = bench([capture]);
  const exit = lifecycle.run();
  await until(() => lifecycle.notReady().length > 0, { everyMs: 1 });
  assert.deepEqual(lifecycle.notReady(), ['starting: capture']);
  started.resolve();
  await running(lifecycle);
  assert.deepEqual(lifecycle.notReady(), ['capture: no source yet']);
  reason = null;
  assert.deepEqual(lifecycle.notReady(), []);
  lifecycle.requestStop('SIGTERM');
  await exit;
});
