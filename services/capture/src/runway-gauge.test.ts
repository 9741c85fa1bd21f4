import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createMetrics } from '@scoreline/service';

import { RunwayGauge } from './runway-gauge.ts';

test('the runway shrinks while nobody measures it, down to nothing', async () => {
  let now = 5_000;
  const metrics = createMetrics();
  const gauge = new RunwayGauge(metrics, () => now);
  const exposed = async (): Promise<string> => {
    const text = await metrics.registry.metrics();
    return /^scoreline_capture_binlog_runway_seconds (.+)$/m.exec(text)?.[1] ?? '';
  };
  assert.match(await exposed(), /^nan$/i, 'not known yet, which is no alarm');
  gauge.measured(100);
  assert.equal(await exposed(), '100');
  now += 40_000;
  assert.equal(await exposed(), '60');
  now += 61_000;
  assert.equal(await exposed(), '0');
  gauge.measured(Infinity);
  now += 1_000;
  assert.equal(await exposed(), '+Inf');
  gauge.measured(null);
  assert.match(await exposed(), /^nan$/i);
});
