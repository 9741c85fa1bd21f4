import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { createMetrics } from '@scoreline/service';

import { EVENT } from './event-codes.ts';
import { Meter } from './meter.ts';
import { captureMetrics } from './metrics.ts';

const SECOND = 1_000;
/** A whole second, as MariaDB's times are. */
const COMMITTED = 1_800_000_000_000;

/** A session's counts as they would be, on a clock that the test sets. */
function metered(t: TestContext) {
  const clock = { now: COMMITTED, elapsed: 50_000 };
  const stream = { events: new Float64Array(256), bytes: 0, heardAt: 50_000, paused: false };
  const reader = { eventTimeMs: 0, rowsRead: 0, groupsRead: 0 };
  const queue = { bytes: 0, oldestTimeMs: null as number | null };
  const metrics = createMetrics();
  const meter = new Meter(captureMetrics(metrics), {
    reading: { stream, reader },
    queue,
    clock: { nowMs: () => clock.now, elapsedMs: () => clock.elapsed },
  });
  t.after(() => meter.stop());
  const later = (ms: number): void => {
    clock.now += ms;
    clock.elapsed += ms;
  };
  return { meter, metrics, stream, reader, queue, later };
}

test('rows that wait are as late as the oldest of them, whatever else comes', (t) => {
  const { meter, stream, reader, queue, later } = metered(t);
  queue.oldestTimeMs = COMMITTED;
  for (let second = 1; second <= 8; second++) {
    later(SECOND);
    // Other tables are written all the time, and heartbeats come.
    stream.heardAt += SECOND;
    reader.eventTimeMs = COMMITTED + second * SECOND;
    assert.equal(meter.lagSeconds(), second);
  }
  queue.oldestTimeMs = null;
  assert.equal(meter.lagSeconds(), 0, 'they are out');
});

test('a stream that is catching up is as late as what it reads', (t) => {
  const { meter, stream, reader, later } = metered(t);
  reader.eventTimeMs = COMMITTED - 3_600 * SECOND;
  assert.equal(meter.lagSeconds(), 3_600);
  stream.paused = true;
  later(60 * SECOND);
  assert.equal(meter.lagSeconds(), 3_660, 'paused, it is silent and not at the end');
});

test('a silent stream has nothing more, and is not late', (t) => {
  const { meter, reader, later } = metered(t);
  assert.equal(meter.lagSeconds(), 0, 'before the first group');
  reader.eventTimeMs = COMMITTED - 3_600 * SECOND;
  later(1_001);
  assert.equal(meter.lagSeconds(), 0);
});

test('a time in whole seconds is no lag', (t) => {
  const { meter, reader, later } = metered(t);
  reader.eventTimeMs = COMMITTED;
  later(999);
  assert.equal(meter.lagSeconds(), 0);
});

test('a source whose clock is ahead of ours is not late', (t) => {
  const { meter, queue } = metered(t);
  queue.oldestTimeMs = COMMITTED + 5 * SECOND;
  assert.equal(meter.lagSeconds(), 0);
});

test('counts are brought to the metrics once, at the latest at the end', async (t) => {
  const { meter, metrics, stream, reader, queue } = metered(t);
  stream.events[EVENT.XID] = 3;
  stream.bytes = 700;
  reader.rowsRead = 20;
  reader.groupsRead = 2;
  queue.bytes = 99;
  meter.stop();
  meter.stop();
  const text = await metrics.registry.metrics();
  assert.match(text, /^scoreline_capture_binlog_events_total\{type="XID"\} 3$/im);
  assert.match(text, /^scoreline_capture_binlog_bytes_total 700$/m);
  assert.match(text, /^scoreline_capture_rows_read_total 20$/m);
  assert.match(text, /^scoreline_capture_groups_total 2$/m);
  assert.match(
    text,
    /^scoreline_capture_queue_bytes 0$/m,
    'nothing waits in a session that is over',
  );
});
