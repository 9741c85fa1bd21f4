import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { backfilled, pipeline, sampleRow, sinkProcess } from '@scoreline/landing/testing';
import { needServer, until } from '@scoreline/testing';

import { testDatabase } from './testing/database.ts';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
/** The topic's first row when the sink was added, and its last. */
const BEGUN_AT = 2_001;
const ROWS = 5_000;
/** Published once more: all that the sink lacks, and some that it has landed. */
const MORE = 3_000;
const KILLS = 2;
const idsTo = (to: number) => Array.from({ length: to }, (_, i) => i + 1);

test('a sink that began late is backfilled while it is killed, and every row lands once as it was', async (t) => {
  const brokers = needServer(t, 'kafka');
  const dsn = needServer(t, 'clickhouse');
  if (!brokers || !dsn) return;
  const p = await pipeline(t, brokers, { partitions: 2 });
  const database = await testDatabase(t, dsn);
  await p.produceIds(1, BEGUN_AT);
  const ends = await p.admin.fetchTopicOffsets(p.topic);
  await p.admin.deleteTopicRecords({
    topic: p.topic,
    partitions: ends.map(({ partition, high }) => ({ partition, offset: high })),
  });
  await p.produceIds(BEGUN_AT, ROWS + 1);
  const more = await backfilled(p, 'clickhouse');
  await more.produce(idsTo(MORE));
  const env = {
    ...p.env,
    ...database.env,
    batch_ch_max_size: '100',
    ch_insert_spacing: '0ms',
    session_timeout: '6s',
  };
  const start = () => sinkProcess(t, MAIN, env);
  const pending = async () =>
    (await more.metadata()).filter((text) => text.includes('"pending":["')).join('\n');

  let member = start();
  for (let kill = 0, before = ''; kill < KILLS; kill++) {
    const seen = before;
    await until(async () => ((await pending()) || seen) !== seen, {
      what: `a range of the backfill pending before kill ${kill}`,
      timeoutMs: 60_000,
      everyMs: 1,
    });
    await member.kill('SIGKILL');
    before = await pending();
    member = start();
  }
  await until(async () => (await p.lag('clickhouse')) === 0 && (await more.lag()) === 0, {
    what: 'lag 0 of both',
    timeoutMs: 60_000,
  });
  assert.equal(await member.kill('SIGTERM'), 0, member.output());
  assert.deepEqual(
    await database.rows(),
    idsTo(ROWS).map((id) => sampleRow(id)),
  );
});
