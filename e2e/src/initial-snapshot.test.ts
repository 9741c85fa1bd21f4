import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bulkLoad } from '@scoreline/local';

import { laps } from './harness/laps.ts';
import { Pipeline, TO_TOPIC } from './harness/pipeline.ts';
import { seedOfRun } from './harness/random.ts';
import { reconcileBegun, reconciled, reconciling } from './harness/reconcile.ts';

const HELD = 2_000_000;
const ROWS_PER_S = 1_000;
const KILLS = 5;
/** Published by each process before it is killed, so that all of them leave some for the last one. */
const ROWS_PER_LIFE = 150_000;

test(
  'the rows that the table held are in the topic once, though capture is killed five times on the way',
  { timeout: 10 * 60_000 },
  async (t) => {
    const seed = seedOfRun();
    t.diagnostic(`seed ${seed}`);
    const pipeline = new Pipeline({
      servers: TO_TOPIC,
      settings: { reconcile_rate: '150000', checkpoint_interval: '1s' },
    });
    t.after(() => pipeline.destroy());
    await pipeline.start();
    const lap = laps(t.diagnostic.bind(t));
    await bulkLoad(pipeline.need('ADMIN_DSN'), { rows: HELD, relaxed: true });
    lap(`${HELD} rows are in the table`);
    // With late commits and rollbacks on both sides of every beginning.
    const traffic = pipeline.traffic(ROWS_PER_S, seed, null);
    const capture = pipeline.capture();

    let saved = 0;
    for (let kill = 1; kill <= KILLS; kill++) {
      await capture.start();
      const { published, nextId, toId } = await reconciling(capture, ROWS_PER_LIFE);
      await capture.kill();
      const begun = reconcileBegun(capture);
      assert.ok(begun, 'it did not say where it began');
      assert.equal(begun.reason, 'initial');
      assert.ok(
        begun.published >= saved,
        `killed with ${saved} rows published, it went on with ${begun.published}`,
      );
      assert.ok(nextId <= toId, 'there was nothing left to be read');
      lap(`kill ${kill}: began with ${begun.published} rows, killed with ${published}`);
      saved = published;
    }
    await capture.start();
    await reconciled(capture);
    const last = reconcileBegun(capture);
    assert.ok(last && last.published >= saved && last.published < HELD, JSON.stringify(last));
    lap(`the last one began with ${last.published} rows, and has read the table`);

    await traffic.stop();
    const { committed, undone } = traffic.stats();
    await pipeline.caughtUp(capture);
    await capture.stop();
    lap('the stream has caught up');
    const { identical, lines } = await pipeline.compareTopic();
    lap(`compared, with ${committed} rows that came meanwhile and ${undone} undone`);
    assert.ok(identical, `seed ${seed}\n${lines.join('\n')}`);
    for (const line of lines) t.diagnostic(line);
  },
);
