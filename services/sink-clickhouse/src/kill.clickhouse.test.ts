import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pipeline, sampleRow } from '@scoreline/landing/testing';
import { needServer, until } from '@scoreline/testing';

import { testDatabase } from './testing/database.ts';
import { sinkProcess } from './testing/sink-process.ts';

const ROWS = 20_000;
const KILLS = 4;

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
  const pending = async () => {
    const metadata = [...(await p.commits('clickhouse')).values()].map((commit) => commit.metadata);
    return metadata.filter((text) => /"pending":\["/.test(text)).join('\n');
  };
  const members = [sinkProcess(t, env), sinkProcess(t, env)];
  let before = '';
  for (let kill = 0; kill < KILLS; kill++) {
    await p.produceIds(kill * ROWS + 1, (kill + 1) * ROWS + 1);
    // Of a member that is alive: what the one killed before has left pending is not meant.
    const seen = before;
    before = await until(
      async () => {
        const now = await pending();
        return now === seen ? '' : now;
      },
      { what: `a range pending before kill ${kill}`, everyMs: 1 },
    );
    await members[kill % 2]!.kill('SIGKILL');
    before = await pending();
    members[kill % 2] = sinkProcess(t, env);
  }
  await until(async () => (await p.lag('clickhouse')) === 0, { what: 'lag 0', timeoutMs: 90_000 });
  assert.deepEqual(
    await database.rows(),
    Array.from({ length: KILLS * ROWS }, (_, i) => sampleRow(i + 1)),
  );
  for (const member of members) assert.equal(await member.kill('SIGTERM'), 0, member.output());
});

test('a process whose destination is created anew exits, and says so', async (t) => {
  const brokers = needServer(t, 'kafka');
  const dsn = needServer(t, 'clickhouse');
  if (!brokers || !dsn) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  const database = await testDatabase(t, dsn);
  const env = { ...p.env, ...database.env };
  await p.produceIds(1, 101);
  const first = sinkProcess(t, env);
  await until(async () => (await p.lag('clickhouse')) === 0, { what: 'lag 0' });
  assert.equal(await first.kill('SIGTERM'), 0);
  const commits = await p.commits('clickhouse');
  await database.client.command({ query: `DROP TABLE ${database.name}.log_scores SYNC` });
  const second = sinkProcess(t, env);
  assert.equal(await second.exited, 1);
  assert.match(second.output(), /destination-changed/);
  assert.deepEqual(await p.commits('clickhouse'), commits);
});
