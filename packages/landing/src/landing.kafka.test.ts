import assert from 'node:assert/strict';
import { test } from 'node:test';

import { needServer, until } from '@scoreline/testing';

import { parseCommitMetadata } from './commit-metadata.ts';
import { MemorySink, pipeline, startSink } from './testing/index.ts';

test('rows land once, lag reads 0, and the commit says what has landed', async (t) => {
  const brokers = needServer(t, 'kafka');
  if (!brokers) return;
  const p = await pipeline(t, brokers);
  await p.produceIds(1, 5001);
  const sink = new MemorySink();
  const { metrics, landing } = await startSink(t, sink, p.config);
  await until(async () => (await p.lag('memory')) === 0, { what: 'lag 0' });
  assert.deepEqual(
    sink.destination.ids(),
    Array.from({ length: 5000 }, (_, i) => i + 1),
  );
  assert.deepEqual(sink.destination.twice(), []);
  let rows = 0;
  for (const [partition, { offset, metadata }] of await p.commits('memory')) {
    const { since, dest, pending, landed } = parseCommitMetadata(metadata, `${partition}`);
    assert.equal(since, 0n);
    assert.equal(dest, 'memory-1');
    assert.deepEqual(pending, []);
    assert.ok(landed && landed.last < offset);
    rows += landed.rows;
  }
  assert.ok(rows > 0);

  assert.equal(landing.notReady?.(), null);
  const total = async (name: string) => {
    const values = (await metrics.registry.getSingleMetric(name)?.get())?.values ?? [];
    return values.reduce((sum, { value }) => sum + value, 0);
  };
  assert.equal(await total('scoreline_sink_landed_rows_total'), 5000);
  assert.equal(await total('scoreline_sink_landed_ranges_total'), sink.destination.written.length);
  assert.equal(await total('scoreline_sink_pending_ranges'), 0);
  assert.equal(await total('scoreline_sink_write_failures_total'), 0);
  await until(async () => (await total('scoreline_sink_lag_records')) === 0, { what: 'lag of 0' });
});
