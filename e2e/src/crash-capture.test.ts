import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Killer } from './harness/killer.ts';
import { Pipeline } from './harness/pipeline.ts';
import { seeded, seedOfRun } from './harness/random.ts';

const ROWS = 120_000;
const KILLS = 8;

test(
  'a capture killed in the middle of transactions repeats no row and leaves none out',
  { timeout: 10 * 60_000 },
  async (t) => {
    const seed = seedOfRun();
    t.diagnostic(`seed ${seed}`);
    // Small transactions, one after another: the time between their steps is what is killed into.
    const pipeline = new Pipeline({ settings: { linger: '0ms', max_transaction_rows: '200' } });
    t.after(() => pipeline.destroy());
    await pipeline.start();
    const capture = pipeline.capture();
    const sink = pipeline.sink();
    await Promise.all([capture.start(), sink.start()]);
    await Promise.all([capture.ready(), sink.ready()]);
    const traffic = pipeline.traffic(4_000, seed, ROWS);
    const killer = new Killer(pipeline, seeded(seed));
    while (killer.kills.transactions < KILLS && killer.kills.idle < 3 * KILLS)
      await killer.capture(capture);
    t.diagnostic(JSON.stringify(killer.kills));
    await traffic.done;
    const { identical, lines } = await pipeline.settle(ROWS);
    assert.ok(identical, `seed ${seed}\n${lines.join('\n')}`);
  },
);
