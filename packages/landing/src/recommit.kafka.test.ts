import assert from 'node:assert/strict';
import { test } from 'node:test';

import { needServer, until } from '@scoreline/testing';

import { checkOffsetsRetention } from './offsets-retention.ts';
import { MemorySink, pipeline, quiet, startSink } from './testing/index.ts';

test('a sink to which nothing comes commits again what it has committed, word for word', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 2 });
  await p.produceIds(1, 101);
  const sink = new MemorySink();
  const running = await startSink(t, sink, { ...p.config, recommit_interval: 1_000 });
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  const before = await p.commits('memory');
  const recommits = async () => {
    const metric = running.metrics.registry.getSingleMetric('scoreline_sink_recommits_total');
    return (await metric?.get())?.values.map(({ value }) => value) ?? [];
  };
  await until(async () => (await recommits()).filter((count) => count >= 2).length === 2, {
    what: 'two commits of both partitions',
  });
  assert.deepEqual(await p.commits('memory'), before);
  // Not what the first one said, but what is true by now.
  await p.produceIds(101, 201);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0 again' });
  const after = await p.commits('memory');
  const [most] = (await recommits()).toSorted((a, b) => b - a);
  await until(async () => (await recommits()).some((count) => count > (most ?? 0)));
  assert.deepEqual(await p.commits('memory'), after);
  assert.equal(sink.destination.ids().length, 200);
  assert.deepEqual(sink.destination.twice(), []);
});

test('the brokers are asked how long they remember offsets', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const { kafka } = await pipeline(t, brokers, { partitions: 1 });
  const warnings: unknown[] = [];
  const log = Object.assign(Object.create(quiet) as typeof quiet, {
    warn: (_fields: unknown, message: string) => warnings.push(message),
  });
  await checkOffsetsRetention(kafka, 1_000, log);
  assert.deepEqual(warnings, []);
  await checkOffsetsRetention(kafka, 1e12, log);
  assert.match(
    String(warnings),
    /^offsets\.retention\.minutes is \d+ at the brokers: recommit_interval/,
  );
});
