import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';

import { createMetrics } from '@scoreline/service';
import type { Connection } from 'mysql2/promise';

import { databaseMetrics } from './pool-metrics.ts';
import { openPool, Pool, type PoolOptions } from './pool.ts';
import type { Source } from './source.ts';
import { holderOf, YamlFolder } from './testing/holder.ts';

class FakeConnection extends EventEmitter {
  readonly source: Source;
  ended = false;
  destroyed = false;

  constructor(source: Source) {
    super();
    this.source = source;
  }

  async end(): Promise<void> {
    this.ended = true;
    this.emit('end');
  }

  destroy(): void {
    this.destroyed = true;
  }

  async query(sql: string): Promise<unknown> {
    if (sql === 'refused') throw Object.assign(new Error('no such table'), { sqlState: '42S02' });
    if (sql === 'lost') throw Object.assign(new Error('gone'), { fatal: true });
    return [[{ sql }], []];
  }
}

const source = { user: 'one' } as Source;

function bench(options: PoolOptions = {}) {
  const made: FakeConnection[] = [];
  const clock = { now: 0 };
  const metrics = createMetrics();
  const pool = new Pool(source, {
    maxOpen: 2,
    maxIdle: 1,
    lifetimeMs: 1000,
    metrics: databaseMetrics(metrics),
    now: () => clock.now,
    connect: async (to) => {
      const connection = new FakeConnection(to);
      made.push(connection);
      return connection as unknown as Connection;
    },
    ...options,
  });
  return { pool, made, clock, metrics };
}

/** Holds a connection until it is let go. */
function hold(pool: Pool, signal?: AbortSignal) {
  let letGo = () => {};
  let got: FakeConnection | undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const done = pool.use(async (connection) => {
    got = connection as unknown as FakeConnection;
    await held;
  }, signal);
  return { done, letGo: () => letGo(), connection: () => got };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('nothing is opened before it is needed, and a connection is used again', async () => {
  const { pool, made } = bench();
  await turn();
  assert.equal(made.length, 0);
  for (let i = 0; i < 5; i++) assert.deepEqual(await pool.query('SELECT 1'), [{ sql: 'SELECT 1' }]);
  assert.equal(made.length, 1);
  assert.deepEqual(pool.counts(), { open: 1, idle: 1, waiting: 0 });
});

test('no more than the limit are open; the others wait their turn', async () => {
  const { pool, made } = bench();
  const holders = [hold(pool), hold(pool), hold(pool), hold(pool)];
  await turn();
  assert.deepEqual(pool.counts(), { open: 2, idle: 0, waiting: 2 });
  holders[1]?.letGo();
  await turn();
  assert.deepEqual(pool.counts(), { open: 2, idle: 0, waiting: 1 });
  assert.equal(holders[2]?.connection(), made[1]);
  for (const holder of holders) holder.letGo();
  await Promise.all(holders.map(({ done }) => done));
  assert.equal(made.length, 2);
  assert.deepEqual(pool.counts(), { open: 1, idle: 1, waiting: 0 });
});

test('more than the idle limit are closed, with a goodbye', async () => {
  const { pool, made } = bench();
  const holders = [hold(pool), hold(pool)];
  await turn();
  for (const holder of holders) holder.letGo();
  await Promise.all(holders.map(({ done }) => done));
  assert.deepEqual(
    made.map(({ ended, destroyed }) => [ended, destroyed]),
    [
      [false, false],
      [true, false],
    ],
  );
});

test('a connection that has lived its time is retired, idle or in use, and another takes its place', async () => {
  const { pool, made, clock, metrics } = bench();
  await pool.query('x');
  clock.now = 999;
  await pool.query('x');
  assert.equal(made.length, 1);
  clock.now = 1000;
  await pool.query('x');
  assert.equal(made.length, 2);
  assert.equal(made[0]?.ended, true);

  const holder = hold(pool);
  await turn();
  clock.now = 2000;
  assert.equal(holder.connection()?.ended, false);
  holder.letGo();
  await holder.done;
  assert.equal(made[1]?.ended, true);
  assert.deepEqual(pool.counts(), { open: 0, idle: 0, waiting: 0 });
  assert.match(await metrics.registry.metrics(), /pool_closed_total\{reason="age"\} 2/);
});

test('a waiter gets a new connection when the one that came back was too old', async () => {
  const { pool, made, clock } = bench({ maxOpen: 1 });
  const first = hold(pool);
  const second = hold(pool);
  await turn();
  clock.now = 5000;
  first.letGo();
  await first.done;
  await turn();
  assert.equal(second.connection(), made[1]);
  second.letGo();
  await second.done;
});

test('idle connections are retired also when nobody asks for one', async () => {
  let now = 0;
  const { pool, made } = bench({ lifetimeMs: 30, now: () => now });
  await pool.query('x');
  now = 60;
  while (!made[0]?.ended) await turn();
  assert.deepEqual(pool.counts(), { open: 0, idle: 0, waiting: 0 });
  await pool.end();
});

test('a refused statement leaves its connection in the pool; a lost one, or work that threw, does not', async () => {
  const { pool, made } = bench();
  await assert.rejects(pool.query('refused'), /no such table/);
  await pool.query('x');
  assert.equal(made.length, 1);
  await assert.rejects(pool.query('lost'), /gone/);
  assert.equal(made[0]?.destroyed, true);
  await assert.rejects(
    pool.use(async () => {
      throw Object.assign(new Error('in a transaction'), { sqlState: '40001' });
    }),
  );
  assert.equal(made[1]?.destroyed, true);
  assert.deepEqual(pool.counts(), { open: 0, idle: 0, waiting: 0 });
});

test('an idle connection that the server closes is not handed out', async () => {
  const { pool, made } = bench();
  await pool.query('x');
  made[0]?.emit('error', new Error('PROTOCOL_CONNECTION_LOST'));
  assert.deepEqual(pool.counts(), { open: 0, idle: 0, waiting: 0 });
  await pool.query('x');
  assert.equal(made.length, 2);
});

test('a connection that cannot be opened fails its caller and frees the place for the next', async () => {
  let failures = 1;
  const { pool, metrics } = bench({
    maxOpen: 1,
    connect: async (to) => {
      await turn();
      if (failures-- > 0) throw new Error('refused');
      return new FakeConnection(to) as unknown as Connection;
    },
  });
  const [first, second] = await Promise.allSettled([pool.query('a'), pool.query('b')]);
  assert.equal(first?.status, 'rejected');
  assert.equal(second?.status, 'fulfilled');
  assert.deepEqual(pool.counts(), { open: 1, idle: 1, waiting: 0 });
  assert.match(await metrics.registry.metrics(), /scoreline_database_pool_failed_total 1/);
});

test('an abort ends the wait, and the next in line is served', async () => {
  const { pool } = bench({ maxOpen: 1 });
  const holder = hold(pool);
  await turn();
  const controller = new AbortController();
  const waiting = pool.query('x', [], controller.signal);
  const next = pool.query('y');
  await turn();
  controller.abort(new Error('stopping'));
  await assert.rejects(waiting, /stopping/);
  assert.equal(pool.counts().waiting, 1);
  holder.letGo();
  assert.deepEqual(await next, [{ sql: 'y' }]);
  await holder.done;
});

test('after a new source came, the old connections end as they come back', async () => {
  const { pool, made } = bench();
  const holder = hold(pool);
  await turn();
  await pool.query('x');
  pool.replace({ user: 'two' } as Source);
  assert.equal(made[1]?.ended, true);
  holder.letGo();
  await holder.done;
  assert.equal(made[0]?.ended, true);
  await pool.query('x');
  assert.equal(made[2]?.source.user, 'two');
});

test('a connection that was refused because its source was being replaced is opened to the new one', async () => {
  const other = { user: 'two' } as Source;
  const tried: string[] = [];
  const { pool } = bench({
    connect: async (to) => {
      tried.push(to.user);
      if (to === source) {
        pool.replace(other);
        throw new Error('refused');
      }
      return new FakeConnection(to) as unknown as Connection;
    },
  });
  await pool.query('one');
  assert.deepEqual(tried, ['one', 'two']);
  assert.deepEqual(pool.counts(), { open: 1, idle: 1, waiting: 0 });
});

test('a pool of a holder follows it', async (t) => {
  const folder = new YamlFolder(t);
  folder.rename('mysql: {dsn: "one:first-pass@tcp(db)/ntp"}');
  const { holder } = holderOf(folder, {}, async () => {});
  const made: FakeConnection[] = [];
  const pool = openPool(holder, {
    connect: async (to) => {
      made.push(new FakeConnection(to));
      return made.at(-1) as unknown as Connection;
    },
  });
  await pool.query('one');
  folder.rename('mysql: {dsn: "one:second-pass@tcp(db)/ntp"}');
  await holder.look();
  assert.deepEqual([made[0]?.ended, pool.counts().open], [true, 0], 'what was idle is retired');
  await pool.query('two');
  await pool.end();
  assert.deepEqual(
    made.map(({ source: { password } }) => password),
    ['first-pass', 'second-pass'],
  );
});

test('the end waits for what is in use, refuses what waits, and drops everything when told to', async () => {
  const { pool } = bench({ maxOpen: 1 });
  const holder = hold(pool);
  await turn();
  const waiting = pool.query('x');
  const ended = pool.end();
  await assert.rejects(waiting, /pool of source connections is closed/);
  await assert.rejects(pool.query('x'), /pool of source connections is closed/);
  assert.equal(
    await Promise.race([ended.then(() => 'ended'), turn().then(() => 'waits')]),
    'waits',
  );
  holder.letGo();
  await Promise.all([holder.done, ended]);

  const other = bench();
  const stuck = hold(other.pool);
  await turn();
  await other.pool.end(AbortSignal.abort());
  assert.equal(other.made[0]?.destroyed, true);
  stuck.letGo();
  await stuck.done;
});

test('the gauges show the pool', async () => {
  const { pool, metrics } = bench();
  const holder = hold(pool);
  await pool.query('x');
  const text = await metrics.registry.metrics();
  assert.match(text, /pool_connections\{state="idle"\} 1/);
  assert.match(text, /pool_connections\{state="in_use"\} 1/);
  assert.match(text, /pool_opened_total 2/);
  assert.match(text, /pool_wait_seconds_count 2/);
  holder.letGo();
  await holder.done;
});

test('under any order of work the limits hold, everybody is served, and nothing is left open', async () => {
  const { pool, made, clock } = bench({ maxOpen: 3, maxIdle: 2, lifetimeMs: 40 });
  let served = 0;
  let most = 0;
  const work = Array.from({ length: 300 }, async (_, i) => {
    for (let n = 0; n < i % 7; n++) await turn();
    try {
      await pool.use(async () => {
        most = Math.max(most, pool.counts().open);
        clock.now += 1;
        for (let n = 0; n < i % 3; n++) await turn();
        if (i % 11 === 0) throw new Error('work failed');
      });
    } catch (error) {
      assert.equal((error as Error).message, 'work failed');
    }
    served++;
  });
  await Promise.all(work);
  assert.equal(served, 300);
  assert.equal(most, 3);
  await pool.end();
  assert.ok(made.every(({ ended, destroyed }) => ended || destroyed));
});
