import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@scoreline/testing';

import { purgePast } from './harness/binlogs.ts';
import { logRecord } from './harness/log-record.ts';
import { openRows } from './harness/open-rows.ts';
import { Pipeline } from './harness/pipeline.ts';
import { publishedPosition } from './harness/published-position.ts';
import { seedOfRun } from './harness/random.ts';
import { reconcileBegun, reconciled, reconcileOf, reconciling } from './harness/reconcile.ts';

const ROWS_PER_S = 1_000;
/** Written while nobody reads the binlog: so many that reading them from the table can be interrupted. */
const MISSED = 150_000;
/** Rows of each transaction that is open for long. */
const LATE = 50;

test(
  'a capture whose binlog is purged goes on by the table, also when it is purged again meanwhile',
  { timeout: 10 * 60_000 },
  async (t) => {
    const seed = seedOfRun();
    t.diagnostic(`seed ${seed}`);
    const pipeline = new Pipeline({ settings: { reconcile_rate: '30000' } });
    t.after(() => pipeline.destroy());
    await pipeline.start();
    const dsn = pipeline.need('ADMIN_DSN');
    const capture = pipeline.capture();
    const sink = pipeline.sink();
    await Promise.all([capture.start(), sink.start()]);
    await Promise.all([capture.ready(), sink.ready()]);
    const before = pipeline.traffic(ROWS_PER_S, seed, null);
    // Their ids are lower than those of everything that follows: one commits while capture is down, the
    // other one while it reads the table.
    const late = [1, 2].map(() => ({ down: openRows(dsn, LATE), up: openRows(dsn, LATE) }));
    for (const { down, up } of late) {
      const both = [await down, await up];
      t.after(() => Promise.all(both.map((one) => one.close())));
    }
    await until(
      async () => ((await capture.metric('scoreline_capture_rows_published_total')) ?? 0) > 2_000,
      { what: 'rows with higher ids in the topic' },
    );

    let traffic = before;
    for (const [round, { down, up }] of late.entries()) {
      const [file = ''] = (await publishedPosition(capture)).split(':');
      const interrupted = await reconcileOf(capture);
      await capture.kill();
      assert.equal(
        interrupted !== null,
        round > 0,
        `round ${round}: ${JSON.stringify(interrupted)}`,
      );
      await (await down).commit();
      if (round === 0) {
        await before.stop();
        await pipeline.traffic(0, seed + 1, MISSED).done;
        traffic = pipeline.traffic(ROWS_PER_S, seed + 2, null);
      }
      await purgePast(dsn, file);

      await capture.start();
      const progress = await reconciling(capture, 40_000);
      const gone = logRecord(capture.output, 'beginning anew')?.err;
      assert.equal(gone?.code, 'position-gone', capture.output);
      assert.ok(gone.message.includes(`it is at ${file}:`), `${gone.message}: not ${file}`);
      assert.equal(progress.reason, 'position_gone');
      assert.equal(reconcileBegun(capture)?.published, 0, 'another beginning reads everything');
      t.diagnostic(`${gone.message}; then ${JSON.stringify(progress)}`);
      await (await up).commit();
    }
    await reconciled(capture);
    await traffic.stop();

    const rows = MISSED + 4 * LATE + before.stats().committed + traffic.stats().committed;
    const { identical, lines } = await pipeline.settle(rows);
    for (const line of lines) t.diagnostic(line);
    assert.ok(identical, `seed ${seed}\n${lines.join('\n')}`);
  },
);
