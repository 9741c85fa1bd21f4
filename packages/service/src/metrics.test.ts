import assert from 'node:assert/strict';
import { test } from 'node:test';

import { collectProcessMetrics, createMetrics } from './metrics.ts';

test('instruments count in their own registry', async () => {
  const metrics = createMetrics();
  const rows = metrics.counter('scoreline_test_rows_total', 'Rows.', ['table']);
  rows.inc({ table: 'log_scores' }, 3);
  metrics.gauge('scoreline_test_lag_seconds', 'Lag.', [], function collect() {
    this.set(7);
  });
  metrics.histogram('scoreline_test_batch_seconds', 'Batch.', [], [0.1, 1]).observe(0.5);
  const text = await metrics.registry.metrics();
  assert.match(text, /^scoreline_test_rows_total\{table="log_scores"\} 3$/m);
  assert.match(text, /^scoreline_test_lag_seconds 7$/m);
  assert.match(text, /^scoreline_test_batch_seconds_bucket\{le="1"\} 1$/m);
  assert.equal(await createMetrics().registry.metrics(), '\n');
});

test('names follow one pattern', () => {
  const metrics = createMetrics();
  assert.throws(() => metrics.gauge('rows', 'Rows.'), /the name must be scoreline_/);
  assert.throws(() => metrics.counter('scoreline_test_rows', 'Rows.'), /must end in _total/);
});

test('the process is measured', async () => {
  const metrics = createMetrics();
  collectProcessMetrics(metrics);
  const text = await metrics.registry.metrics();
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'nodejs_eventloop_lag_p99_seconds',
  ]) {
    assert.match(text, new RegExp(`^${name} `, 'm'));
  }
});
