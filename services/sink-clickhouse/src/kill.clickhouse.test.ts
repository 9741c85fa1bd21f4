import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { killMembers, pipeline, sampleRow, sinkProcess } from '@scoreline/landing/testing';
import { needServer, until } from '@scoreline/testing';

import { testDatabase } from './testing/database.ts';
import { type ReplicaProxy, replicasOf } from './testing/replica-proxy.ts';
import { testSink } from './testing/test-sink.ts';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
const ROWS = 20_000;
const KILLS = 4;
const FEWER = 3_000;

test('processes are killed with ranges pending, two at a time, and every row lands once as it was', async (t) => {
  const brokers = needServer(t, 'kafka');
  const dsn = needServer(t, 'clickhouse');
  if (!brokers || !dsn) return;
  const p = await pipeline(t, brokers, { partitions: 4 });
  const database = await testDatabase(t, dsn);
  const env = {
    ...p.env,
    ...database.env,
    batch_ch_max_size: '400',
    ch_insert_spacing: '0ms',
    session_timeout: '6s',
  };
  await killMembers(p, {
    sink: 'clickhouse',
    kills: KILLS,
    start: () => sinkProcess(t, MAIN, env),
    produce: (kill) => p.produceIds(kill * ROWS + 1, (kill + 1) * ROWS + 1),
  });
  assert.deepEqual(
    await database.rows(),
    Array.from({ length: KILLS * ROWS }, (_, i) => sampleRow(i + 1)),
  );
});

test('processes are killed while replicas come and go, and every row lands once', async (t) => {
  const brokers = needServer(t, 'kafka');
  const dsn = needServer(t, 'clickhouse');
  if (!brokers || !dsn) return;
  const p = await pipeline(t, brokers, { partitions: 2 });
  const database = await testDatabase(t, dsn);
  const { env, replicas } = await replicasOf(t, database, 3);
  // The table is made while all are there.
  await testSink(t, env).start();
  let away: ReplicaProxy | undefined;
  await killMembers(p, {
    sink: 'clickhouse',
    kills: replicas.length,
    start: () =>
      sinkProcess(t, MAIN, {
        ...p.env,
        ...env,
        batch_ch_max_size: '400',
        ch_insert_spacing: '0ms',
        session_timeout: '6s',
      }),
    async produce(kill) {
      await away?.up();
      await p.produceIds(kill * FEWER + 1, (kill + 1) * FEWER + 1);
      away = replicas[kill];
      away?.down();
    },
  });
  assert.deepEqual(
    await database.rows(),
    Array.from({ length: replicas.length * FEWER }, (_, i) => sampleRow(i + 1)),
  );
});

test('a process whose destination is created anew exits, and says so', async (t) => {
  const brokers = needServer(t, 'kafka');
  const dsn = needServer(t, 'clickhouse');
  if (!brokers || !dsn) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  const database = await testDatabase(t, dsn);
  const env = { ...p.env, ...database.env };
  await p.produceIds(1, 101);
  const first = sinkProcess(t, MAIN, env);
  await until(async () => (await p.lag('clickhouse')) === 0, { what: 'lag 0' });
  assert.equal(await first.kill('SIGTERM'), 0);
  const commits = await p.commits('clickhouse');
  await database.client.command({ query: `DROP TABLE ${database.name}.log_scores SYNC` });
  const second = sinkProcess(t, MAIN, env);
  assert.equal(await second.exited, 1);
  assert.match(second.output(), /destination-changed/);
  assert.deepEqual(await p.commits('clickhouse'), commits);
});
