import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { killCase, tempFolder } from '@scoreline/files/testing';
import { pipeline, sinkProcess } from '@scoreline/landing/testing';
import { needServer, until } from '@scoreline/testing';

import { keptFiles, manifestOf } from './testing/world.ts';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
test('processes are killed with ranges pending, and every row is in one file and in the manifest, as it was', async (t) => {
  const avro_path = await tempFolder(t);
  const names = await killCase(t, {
    sink: 'file',
    main: MAIN,
    place: { avro_path },
    otherPlace: { avro_path: await tempFolder(t) },
    objects: (prefix) => keptFiles(avro_path, prefix),
  });
  if (names === null) return;
  const [topic = ''] = names[0]!.split('/');
  const manifest = await manifestOf(avro_path, topic);
  assert.deepEqual([...new Set(manifest.map(({ name }) => name))].sort(), [...names].sort());
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
