import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConfigError, PermanentError, RetryableError } from '@scoreline/service';
import { until } from '@scoreline/testing';
import pino from 'pino';

import { Report } from '../report/report.ts';
import { idsFrom, PurgeWorld } from '../testing/purge-world.ts';
import { PurgePart } from './purge-part.ts';
import type { PurgerGround } from './purger.ts';
import { ReconcileAsker } from './reconcile-asker.ts';
import { runOnce } from './run-once.ts';

function settled(): PurgeWorld {
  const world = new PurgeWorld();
  world.addSink('a');
  world.insert(idsFrom(1, 500));
  world.land('a');
  return world;
}

function partOf(world: PurgeWorld, over: Partial<PurgerGround> = {}) {
  const standing = world.standing();
  const requests = {
    ask: async (range: { from: number; to: number }) => void world.asked.push(range),
  };
  const superseded = { signal: new AbortController() };
  const part = new PurgePart({
    purger: world.purger({ standing, ...over }),
    standing,
    asker: new ReconcileAsker(requests, world.clock),
    superseded: () => superseded.signal.signal,
    passIntervalMs: 1_000,
    clock: world.clock,
    log: pino({ level: 'silent' }),
  });
  const supersede = (): void => {
    const { signal } = superseded;
    superseded.signal = new AbortController();
    signal.abort();
  };
  return { part, supersede };
}

const codeOf = (part: PurgePart) =>
  (part.status() as { problem: { code: string } | null }).problem?.code;

test('the service goes on as rows become free, and is ready while it waits', async (t) => {
  const world = settled();
  const { part } = partOf(world);
  t.after(() => part.stop(new AbortController().signal));
  await part.start();
  await until(() => world.rows.size === 0);
  world.insert(idsFrom(70_001, 70_010));
  await until(
    () => (part.status() as { lastPass: { waiting: [] } | null }).lastPass?.waiting.length,
  );
  assert.equal(part.notReady(), null);
  assert.equal(world.rows.size, 10);
  world.land('a');
  await until(() => world.rows.size === 0);
  await part.stop(new AbortController().signal);
  world.check();
});

test('what is refused keeps the service running, not ready, until it is mended', async (t) => {
  const world = settled();
  let refusal: Error | null = new ConfigError('DELETE is not granted', { code: 'purge-preflight' });
  const { table } = world.ground();
  const { part } = partOf(world, {
    table: {
      ...table,
      preflight: async () => {
        if (refusal !== null) throw refusal;
      },
    },
  });
  t.after(() => part.stop(new AbortController().signal));
  await part.start();
  await until(() => part.notReady() === 'DELETE is not granted');
  assert.equal(codeOf(part), 'purge-preflight');
  assert.equal(world.rows.size, 500);
  refusal = null;
  await until(() => world.rows.size === 0);
  await until(() => part.notReady() === null);
  await part.stop(new AbortController().signal);
  world.check();
});

test('a sink that is left out refuses, and the service is not ready', async (t) => {
  const world = settled();
  world.policy = { ...world.policy, sinks: ['b'] };
  const { part } = partOf(world);
  t.after(() => part.stop(new AbortController().signal));
  await part.start();
  await until(() => part.notReady() !== null && codeOf(part) === 'sink-omitted');
  assert.equal(world.rows.size, 500);
});

test('what only a person can judge ends the service', async () => {
  const world = settled();
  world.at('evidence', 1, () => {
    throw new PermanentError('it is another ledger', { code: 'ledger-changed' });
  });
  const { part } = partOf(world);
  await part.start();
  await assert.rejects(part.done!, { code: 'ledger-changed' });
  world.check();
});

test('another source is gone on with by a session of its own', async (t) => {
  const world = settled();
  let sessions = 0;
  const { locks } = world.ground();
  const { part, supersede } = partOf(world, {
    locks: async (...args) => {
      sessions++;
      return locks(...args);
    },
  });
  t.after(() => part.stop(new AbortController().signal));
  await part.start();
  await until(() => world.rows.size === 0);
  supersede();
  await until(() => sessions === 2);
  world.insert(idsFrom(70_001, 70_010));
  world.land('a');
  await until(() => world.rows.size === 0);
  await part.stop(new AbortController().signal);
  world.check();
});

test('capture is asked once an hour for the ids that the ledger lacks', async (t) => {
  const world = settled();
  world.insert([1_000, 1_007], { isCaptured: false });
  const { part } = partOf(world);
  t.after(() => part.stop(new AbortController().signal));
  const beganAtMs = world.nowMs;
  await part.start();
  await until(() => world.asked.length === 3, { everyMs: 5 });
  const hours = (world.nowMs - beganAtMs) / 3_600_000;
  assert.ok(hours >= 2 && hours < 3.1, `${hours} hours`);
  assert.deepEqual(world.asked[0], { from: 1_000, to: 1_007 });
});

function once(world: PurgeWorld, over: Partial<PurgerGround> = {}): Promise<Report> {
  const requests = {
    ask: async (range: { from: number; to: number }) => void world.asked.push(range),
  };
  return runOnce(
    {
      purger: world.purger(over),
      asker: new ReconcileAsker(requests, world.clock),
      clock: world.clock,
    },
    new AbortController().signal,
  );
}

test('--once ends when nothing more can go, and says what waits', async () => {
  const world = settled();
  world.insert(idsFrom(70_001, 70_010));
  const report = await once(world);
  assert.equal(report.deleted, 500);
  assert.equal(report.isDone, false);
  world.land('a');
  const second = await once(world);
  assert.deepEqual([second.deleted, second.isDone], [10, true]);
  world.check();
});

test('--once makes a lost commit good by itself, and tells what else ended it', async () => {
  const world = settled();
  world.at('committed', 2, () => {
    throw new RetryableError('no answer', { code: 'chunk-outcome-unknown' });
  });
  const report = await once(world);
  assert.equal(world.rows.size, 0);
  assert.equal(report.isDone, true);
  world.check();

  const paused = settled();
  paused.isPaused = true;
  const held = await once(paused);
  assert.deepEqual(
    held.refused.map(({ kind, code }) => [kind, code]),
    [['wait', 'paused']],
  );
  paused.check();
});

test('who only looks deletes nothing, writes nothing, takes no lock, and sees the same', async () => {
  const world = settled();
  world.insert(idsFrom(70_001, 70_010));
  world.isCaptureStopped = true;
  const report = new Report();
  const halt = { stopping: new AbortController().signal, signal: new AbortController().signal };
  await world.purger({ locks: () => Promise.reject(new Error('a lock')) }).look(report, halt);
  assert.deepEqual(report.deletable, { rows: 500, fromId: 1, toId: 500 });
  assert.deepEqual(
    report.refused.map(({ code }) => code),
    ['capture-behind'],
  );
  assert.equal(report.waiting[0]?.rows, 10);
  assert.equal(world.rows.size, 510);
  assert.equal(world.records.length, 0);
});

test('who only looks and cannot read the purge log says so, and everything else too', async () => {
  const world = settled();
  const halt = { stopping: new AbortController().signal, signal: new AbortController().signal };
  const looks = async (error: Error): Promise<Report> => {
    const report = new Report();
    const highest = async (): Promise<never> => {
      throw error;
    };
    await world.purger({ highest }).look(report, halt);
    return report;
  };
  const report = await looks(new RetryableError('no answer', { code: 'purge-log-unread' }));
  assert.deepEqual(
    report.refused.map(({ kind, code }) => [kind, code]),
    [['wait', 'purge-log-unread']],
  );
  assert.equal(report.isDone, false);
  assert.equal(report.deletable.rows, 500);
  const unknown = new PermanentError('of a newer release', { code: 'purge-log-unknown' });
  await assert.rejects(looks(unknown), unknown);
});
