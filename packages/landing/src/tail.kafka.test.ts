import assert from 'node:assert/strict';
import { test } from 'node:test';

import { needServer, until } from '@scoreline/testing';

import { parseCommitMetadata } from './commit-metadata.ts';
import { encodeRow, MemorySink, pipeline, sampleRow, startSink } from './testing/index.ts';

/** In which a slow machine, too, produces twice. */
const AGE_MS = 4_000;

const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => encodeRow(sampleRow(from + i)));

test('lag reads 0 after aborted transactions at the end, and the commit keeps what it says', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  await p.produce(0, rows(1, 51));
  await p.produce(0, rows(1000, 1050), 'abort');
  await p.produce(0, rows(51, 101));
  await p.produce(0, rows(1050, 1100), 'abort');
  const sink = new MemorySink();
  await startSink(t, sink, p.config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  // Nothing that can be delivered comes with this one: it is seen only because batches without records are shown.
  for (let i = 0; i < 3; i++) await p.produce(0, rows(2000, 2010), 'abort');
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0 again' });
  assert.deepEqual(
    sink.destination.ids(),
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  const [commit] = (await p.commits('memory')).values();
  const { since, dest, pending, landed } = parseCommitMetadata(commit?.metadata ?? '', 'p0');
  assert.deepEqual([since, dest, pending], [0n, 'memory-1', []]);
  assert.ok(landed && landed.last < (commit?.offset ?? 0n) - 30n);
});

test('a partition with nothing but aborted transactions has a lag of 0', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 2 });
  await p.produce(1, rows(1, 11), 'abort');
  const sink = new MemorySink();
  await startSink(t, sink, p.config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  assert.deepEqual(sink.destination.written, []);
});

test('rows below the row limit land when they are old enough, though nothing follows them', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers, { partitions: 1 });
  const sink = new MemorySink(undefined, {}, { minRows: 50, ageMs: AGE_MS });
  await startSink(t, sink, p.config);
  await until(async () => (await p.lag('memory')) !== null, { what: 'the first commits' });
  const beganAt = performance.now();
  await p.produce(0, rows(1, 21));
  await p.produce(0, rows(21, 31));
  await until(() => sink.destination.ids().length === 30, { what: 'all rows' });
  assert.equal(sink.destination.written.length, 1, 'as one range');
  assert.ok(performance.now() - beganAt >= AGE_MS, 'not before they were old');
});
