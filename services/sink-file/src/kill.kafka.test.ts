import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { tempFolder } from '@scoreline/files/testing';
import {
  encodeRow,
  FIRST_DAY_US,
  killMembers,
  pipeline,
  sampleRow,
  sinkProcess,
} from '@scoreline/landing/testing';
import { needServer, until } from '@scoreline/testing';

import { avroFiles, manifestOf } from './testing/world.ts';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
const PARTITIONS = 4;
const ROWS = 10_000;
const KILLS = 2;
const DAY_US = 86_400_000_000;

/** Of three days, one after another in each partition. */
const row = (id: number) => sampleRow(id, { ts: FIRST_DAY_US + (id % 3) * DAY_US + id * 1000 });

test('processes are killed with ranges pending, two at a time, and every row is in one file, as it was', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: PARTITIONS });
  const avro_path = await tempFolder(t);
  const env = {
    ...p.env,
    avro_path,
    batch_avro_max_size: '700',
    batch_avro_interval: '300ms',
    batch_avro_append_size: '100',
    session_timeout: '6s',
  };
  await killMembers(p, {
    sink: 'file',
    kills: KILLS,
    start: () => sinkProcess(t, MAIN, env),
    produce: async (kill) => {
      const ids = Array.from({ length: ROWS }, (_, i) => kill * ROWS + i + 1);
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const own = ids.filter((id) => id % PARTITIONS === partition);
        await p.produce(
          partition,
          own.map((id) => encodeRow(row(id))),
        );
      }
    },
  });

  const files = await avroFiles(avro_path);
  const rows = [...files.values()].flatMap((file) => file.rows);
  assert.deepEqual(
    rows.sort((a, b) => a.id - b.id),
    Array.from({ length: KILLS * ROWS }, (_, i) => row(i + 1)),
  );
  for (const [name, file] of files) {
    const day = /dt=(.{10})/.exec(name)?.[1];
    for (const { ts } of file.rows)
      assert.equal(new Date(ts / 1000).toISOString().slice(0, 10), day);
  }
  const manifest = await manifestOf(avro_path, p.topic);
  assert.deepEqual([...new Set(manifest.map(({ name }) => name))].sort(), [...files.keys()]);
});

test('a process whose folder is made anew exits, and says so', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  const avro_path = await tempFolder(t);
  const env = { ...p.env, avro_path, batch_avro_interval: '0ms' };
  await p.produceIds(1, 101);
  const first = sinkProcess(t, MAIN, env);
  await until(async () => (await p.lag('file')) === 0, { what: 'lag 0' });
  assert.equal(await first.kill('SIGTERM'), 0);
  const commits = await p.commits('file');
  await rm(avro_path, { recursive: true });
  const missing = sinkProcess(t, MAIN, env);
  assert.equal(await missing.exited, 2);
  assert.match(missing.output(), /avro_path: there is no folder/);
  await mkdir(avro_path);
  const second = sinkProcess(t, MAIN, env);
  assert.equal(await second.exited, 1);
  assert.match(second.output(), /destination-changed/);
  assert.deepEqual(await p.commits('file'), commits);
});
