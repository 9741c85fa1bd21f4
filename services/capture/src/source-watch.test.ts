import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { parseDsn, type Source } from '@scoreline/database';
import type { BinlogPosition, Checkpoint } from '@scoreline/ledger';
import { createLog, createMetrics, RetryableError } from '@scoreline/service';
import { until } from '@scoreline/testing';

import { captureMetrics } from './metrics.ts';
import { FenceWatch } from './source-fence.ts';
import { SourceWatch } from './source-watch.ts';

/** Nobody listens there: what the source would say is told to the fence by the test. */
const NOWHERE: Source = {
  ...parseDsn('scoreline:secret@tcp(127.0.0.1:1)/ntp'),
  table: 'log_scores',
  timeZone: undefined,
  tlsCa: undefined,
  origin: 'database_dsn',
};
const at = (offset: number): BinlogPosition => ({ file: 'binlog.000001', offset });

interface Told {
  readonly timeoutMs?: number;
  /** Where the source says that its binlog ends, at each question; the last one again and again. */
  readonly ends?: readonly BinlogPosition[];
}

function watching(t: TestContext, { timeoutMs = 1_000, ends = [] }: Told = {}) {
  const reading = { reader: { position: { file: '', offset: 0 } }, stream: { paused: false } };
  const lines: { level: string; msg: string }[] = [];
  const failures: unknown[] = [];
  const metrics = createMetrics();
  const fence = new FenceWatch();
  let asked = 0;
  const poller = {
    ask: async () => ({
      position: ends[Math.min(asked++, ends.length - 1)]!,
      retentionSeconds: 0,
      size: null,
      nowMs: Date.now(),
    }),
    close: () => {},
  };
  const watch = new SourceWatch(
    {
      source: NOWHERE,
      fence,
      intervalMs: ends.length > 0 ? 1 : 100,
      timeoutMs,
      minRunwayMs: 0,
      metrics: captureMetrics(metrics),
      ...(ends.length > 0 && { poller }),
      log: createLog(
        'test',
        { log_level: 'info' },
        { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[0]) },
      ),
    },
    {
      reading,
      checkpoint: () =>
        ({
          source: { flavour: 'mariadb', serverUuid: '1-0', serverId: 1 },
          position: at(500),
          commitTimeMs: 0,
        }) as Checkpoint,
      failed: (error) => failures.push(error),
    },
  );
  t.after(() => watch.stop());
  const metric = async (name: string): Promise<number> => {
    const [, value] =
      new RegExp(`^${name} (.+)$`, 'm').exec(await metrics.registry.metrics()) ?? [];
    return Number(value);
  };
  return { watch, fence, reading, lines, failures, metric, questions: () => asked };
}

test('a source that does not answer is told of once, and ends no stream', async (t) => {
  const { watch, lines, failures, metric } = watching(t);
  watch.start();
  await until(async () => (await metric('scoreline_capture_source_poll_failures_total')) >= 3);
  assert.equal(failures.length, 0);
  assert.deepEqual(
    lines.map(({ level, msg }) => [level, msg]),
    [['warn', 'asking the source where its binlog ends failed; trying again']],
  );
});

test('a stream that is behind and brings nothing fails, and says where it stands', async (t) => {
  const { watch, fence, reading, failures, metric } = watching(t);
  reading.reader.position = at(500);
  watch.look(0);
  fence.asked(at(900), 100);
  watch.look(1_099);
  assert.equal(failures.length, 0);
  assert.equal(await metric('scoreline_capture_fence_overdue_seconds'), 0.999);
  watch.look(1_100);
  const [error] = failures;
  assert.ok(error instanceof RetryableError);
  assert.equal(error.code, 'source-stalled');
  assert.match(error.message, /up to binlog\.000001:500 .* at binlog\.000001:900$/);
  assert.deepEqual(fence.missed, at(900));
  assert.equal(watch.status().stalledBefore, 'binlog.000001:900');
});

test('a stream that never brought an event fails too', (t) => {
  const { watch, fence, failures } = watching(t);
  fence.asked(at(900), 0);
  watch.look(1_000);
  assert.equal(failures.length, 1);
});

test('time in which reading is paused does not count', (t) => {
  const { watch, fence, reading, failures } = watching(t);
  reading.reader.position = at(500);
  watch.look(0);
  fence.asked(at(900), 0);
  reading.stream.paused = true;
  watch.look(50_000);
  reading.stream.paused = false;
  watch.look(50_999);
  assert.equal(failures.length, 0);
  watch.look(51_000);
  assert.equal(failures.length, 1);
});

test('fence_timeout=0 only measures', async (t) => {
  const { watch, fence, reading, failures, metric } = watching(t, { timeoutMs: 0 });
  reading.reader.position = at(500);
  watch.look(0);
  fence.asked(at(900), 0);
  watch.look(3_600_000);
  assert.equal(failures.length, 0);
  assert.equal(fence.missed, null);
  assert.equal(await metric('scoreline_capture_fence_overdue_seconds'), 3_600);
});

// X21: the stream stays open then, and brings nothing until the new binlog is longer.
test('a binlog that ends before what was captured of it ends the session', async (t) => {
  const { watch, failures, fence } = watching(t, {
    timeoutMs: 0,
    ends: [at(500), at(900), at(400)],
  });
  watch.start();
  const error = await until(() => failures[0], { what: 'its end', timeoutMs: 5_000 });
  assert.ok(error instanceof RetryableError);
  assert.equal(error.code, 'binlog-shorter');
  assert.match(error.message, /up to binlog\.000001:500, and ends at binlog\.000001:400$/);
  assert.deepEqual(fence.position, at(900), 'that end is nothing to wait for');
});

test('a binlog that ends where it was captured is watched on', async (t) => {
  const { watch, failures, questions } = watching(t, { ends: [at(500)] });
  watch.start();
  await until(() => questions() > 3);
  assert.deepEqual(failures, []);
});
