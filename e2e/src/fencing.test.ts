import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@scoreline/testing';

import { faultLine } from './faults/fault-line.ts';
import { lockLost } from './faults/session-ended.ts';
import { killLockHolder } from './harness/kill-sessions.ts';
import { Pipeline, TO_TOPIC } from './harness/pipeline.ts';

const ROWS_PER_S = 1_000;
/** Committed after the sleeper woke up. */
const ROWS_AFTER = 3_000;

test(
  'a capture that wakes up after another took over writes nothing',
  { timeout: 10 * 60_000 },
  async (t) => {
    // Small transactions, one after another: there is nearly always one to be stopped in.
    const settings = { linger: '0ms', max_transaction_rows: '500' };
    const pipeline = new Pipeline({ servers: TO_TOPIC, settings });
    t.after(() => pipeline.destroy());
    await pipeline.start();
    const sleeper = pipeline.capture('sleeper');
    const successor = pipeline.capture('successor');
    await sleeper.start();
    await sleeper.ready();
    const traffic = pipeline.traffic(ROWS_PER_S, 1, null);
    t.after(() => traffic.stop().catch(() => {}));

    // Stopped with rows that are sent and a checkpoint that is not: later, the successor would have to
    // wait for the ledger, and whether it fences would make no difference.
    await until(
      async () => {
        await sleeper.busy();
        sleeper.signal('SIGSTOP');
        if (await pipeline.awaitsCheckpoint()) return true;
        sleeper.signal('SIGCONT');
        return false;
      },
      { what: 'a transaction with rows and no checkpoint', timeoutMs: 120_000, everyMs: 20 },
    );
    // Its session with MySQL, and so the lock, is gone, as after a network partition.
    const killed = await killLockHolder(pipeline.need('ADMIN_DSN'), 'scoreline-capture-log_scores');
    await successor.start();
    await successor.ready();
    await until(
      async () => ((await successor.metric('scoreline_capture_rows_published_total')) ?? 0) > 1_000,
      {
        what: 'the successor to publish',
        timeoutMs: 30_000,
      },
    );
    // Before its transaction times out, which would fence it too.
    sleeper.signal('SIGCONT');
    const enough = traffic.stats().committed + ROWS_AFTER;
    await lockLost(sleeper);
    await until(() => traffic.stats().committed >= enough, { what: 'the rows after' });
    await traffic.stop();

    const comparison = await pipeline.settleTopic(successor);
    assert.ok(comparison.identical, comparison.lines.join('\n'));
    t.diagnostic(
      faultLine({
        name: 'the leader is stopped in a transaction, and wakes up when another one leads',
        outcome: 'goes on',
        fired: `SIGSTOP, session ${killed} killed, SIGCONT`,
        comparison,
      }),
    );
  },
);
