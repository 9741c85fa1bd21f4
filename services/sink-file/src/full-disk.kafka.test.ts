import assert from 'node:assert/strict';
import { test } from 'node:test';

import { objectMetrics } from '@scoreline/files';
import { fullFiles, tempFolder } from '@scoreline/files/testing';
import { pipeline, quiet, startSink } from '@scoreline/landing/testing';
import { createMetrics, loadConfig } from '@scoreline/service';
import { needServer, until } from '@scoreline/testing';
import { z } from 'zod';

import { settings } from './config.ts';
import { fileSink } from './file-sink.ts';
import { avroFiles } from './testing/world.ts';

test('while the disk is full /readyz says so, and when it is not, the rows land', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 2 });
  const avro_path = await tempFolder(t);
  const env = { ...p.env, avro_path, batch_avro_interval: '0ms' };
  const config = loadConfig(z.object(settings.shape), env);
  let isFull = false;
  const sink = fileSink(config, {
    log: quiet,
    metrics: objectMetrics(createMetrics()),
    files: fullFiles(() => isFull),
  });
  const running = await startSink(t, sink, p.config);
  const reasonNow = () => running.landing.notReady?.() ?? null;
  await until(() => reasonNow() === null, { what: 'joining' });
  isFull = true;
  await p.produceIds(1, 101);
  const reason = await until(reasonNow, { what: 'a reason' });
  assert.match(
    reason,
    /^file has not taken a range for \d+ s: making the files of .*ENOSPC of write/,
  );
  assert.equal((await avroFiles(avro_path)).size, 0);
  isFull = false;
  await until(async () => (await p.lag('file')) === 0, { what: 'lag 0' });
  assert.equal(reasonNow(), null);
  const files = [...(await avroFiles(avro_path)).values()];
  assert.deepEqual(
    files.flatMap(({ rows }) => rows.map(({ id }) => id)).toSorted((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  await running.stop();
});
