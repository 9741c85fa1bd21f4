import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Killer } from './harness/killer.ts';
import { Pipeline, TO_TOPIC } from './harness/pipeline.ts';
import { seeded, seedOfRun } from './harness/random.ts';

const ROWS_PER_S = 1_000;
const KILLS = 8;

test(
  'a capture killed in the middle of transactions repeats no row and leaves none out',
  { timeout: 10 * 60_000 },
  async (t) => {
    const seed = seedOfRun();
    t.diagnostic(`seed ${seed}`);
    // Small transactions, one after another: the time between their steps is what is killed into.
    const settings = { linger: '0ms', max_transaction_rows: '500' };
    const pipeline = new Pipeline({ servers: TO_TOPIC, settings });
    t.after(() => pipeline.destroy());
    await pipeline.start();
    const capture = pipeline.capture();
    await capture.start();
    await capture.ready();
    const traffic = pipeline.traffic(ROWS_PER_S, seed, null);
    t.after(() => traffic.stop().catch(() => {}));
    const killer = new Killer(pipeline, seeded(seed));
    while (killer.kills.transactions < KILLS && killer.kills.idle < 3 * KILLS)
      await killer.capture(capture);
    t.diagnostic(JSON.stringify(killer.kills));
    assert.equal(killer.kills.transactions, KILLS, 'most kills met nothing');
    await traffic.stop();
    const { identical, lines } = await pipeline.settleTopic(capture);
    assert.ok(identical, `seed ${seed}\n${lines.join('\n')}`);
  },
);
