import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@scoreline/testing';

import { Killer } from './harness/killer.ts';
import { Pipeline } from './harness/pipeline.ts';
import { seeded, seedOfRun } from './harness/random.ts';

const ROWS = 500_000;
const ROWS_PER_S = 3_000;
const KILLS = 20;

test(
  'every row is in topic and ClickHouse once, whatever is killed',
  { timeout: 15 * 60_000 },
  async (t) => {
    const seed = seedOfRun();
    const random = seeded(seed);
    t.diagnostic(`seed ${seed}`);
    const pipeline = new Pipeline();
    t.after(() => pipeline.destroy());
    await pipeline.start();
    const traffic = pipeline.traffic(ROWS_PER_S, seed, null);
    const capture = pipeline.capture();
    const sinks = [pipeline.sink('sink 1'), pipeline.sink('sink 2')] as const;
    await Promise.all([capture.start(), sinks[0].start()]);
    await Promise.all([capture.ready(), sinks[0].ready()]);

    const killer = new Killer(pipeline, random);
    let rebalanced = false;
    let brokerKilled = false;
    while (killer.counted < KILLS) {
      if (!brokerKilled && killer.counted >= KILLS / 2) {
        await killer.broker();
        brokerKilled = true;
      } else if (!rebalanced && killer.counted >= KILLS / 4) {
        // Two members: each join takes partitions from the other in the middle of its ranges.
        await sinks[1].start();
        await killer.sink(sinks[0]);
        await sinks[1].ready();
        await killer.sink(sinks[1]);
        rebalanced = true;
      } else if (random() < 0.5) await killer.capture(capture);
      else await killer.sink(sinks[random() < 0.5 || !rebalanced ? 0 : 1]);
      assert.ok(
        killer.kills.idle < 5 * KILLS,
        `most kills met nothing: ${JSON.stringify(killer.kills)}`,
      );
    }
    t.diagnostic(`kills ${JSON.stringify(killer.kills)}, ${traffic.stats().committed} rows so far`);

    // Kills meet work for as long as rows come, so the rows end last.
    await until(() => traffic.stats().committed >= ROWS, { what: 'the rows', timeoutMs: 300_000 });
    await traffic.stop();
    const { identical, lines } = await pipeline.settle(traffic.stats().committed);
    t.diagnostic(lines.join('\n'));
    assert.ok(identical, `seed ${seed}\n${lines.join('\n')}`);
    assert.ok(rebalanced && brokerKilled);
  },
);
