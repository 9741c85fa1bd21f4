import assert from 'node:assert/strict';
import { test } from 'node:test';

import { quiet } from '@scoreline/landing/testing';
import { createMetrics } from '@scoreline/service';

import { Governor, type ListedJob } from './governor.ts';
import { DAY_MS, JobBudget } from './job-budget.ts';
import { metrics } from './metrics.ts';

const LIMITS = { jobsPerDay: 4, partitionsPerDay: 100, quotaPauseMs: 600_000 };
const SIGNAL = new AbortController().signal;

function governor(listed: readonly ListedJob[], limits = LIMITS) {
  const registry = createMetrics();
  const asked: number[] = [];
  const made = new Governor({
    budget: new JobBudget(limits),
    listJobs: async (sinceMs) => {
      asked.push(sinceMs);
      return listed;
    },
    metrics: metrics(registry),
    log: quiet,
  });
  const value = async (name: string) =>
    Number(
      new RegExp(`^scoreline_sink_bigquery_${name} (.*)$`, 'm').exec(
        await registry.registry.metrics(),
      )?.[1],
    );
  return { governor: made, asked, value };
}

/** Whether it waits: aborted, it rejects then. */
async function waits(made: Governor, id: string): Promise<boolean> {
  try {
    await made.admit({ id, partitions: 1 }, AbortSignal.timeout(20));
    return false;
  } catch (error) {
    assert.equal((error as Error).name, 'TimeoutError');
    return true;
  }
}

test('what the table’s jobs of the last day have spent is known after a restart', async () => {
  const createdMs = Date.now() - DAY_MS / 2;
  const listed = [0, 1, 2, 3].map((n) => ({ id: `j${n}`, createdMs, partitions: 5 }));
  const { governor: made, asked, value } = governor(listed);
  await made.start(SIGNAL);
  assert.ok(Math.abs(asked[0]! - (Date.now() - DAY_MS)) < 10_000);
  assert.equal(await value('remaining_jobs'), 0);
  assert.equal(await value('remaining_partition_changes'), 80);
  assert.ok(await waits(made, 'j4'));
  assert.equal(await value('waiting_ranges'), 0);
});

test('a job’s repeats do not count, and do not wait', async () => {
  const { governor: made, value } = governor([], { ...LIMITS, jobsPerDay: 1 });
  await made.start(SIGNAL);
  for (let n = 0; n < 3; n++) await made.admit({ id: 'j0', partitions: 1 }, SIGNAL);
  assert.equal(await value('remaining_jobs'), 0);
  assert.ok(await waits(made, 'j1'));
});

test('after quotaExceeded the repeats wait too', async () => {
  const { governor: made, value } = governor([]);
  await made.start(SIGNAL);
  await made.admit({ id: 'j0', partitions: 1 }, SIGNAL);
  made.quotaExceeded();
  assert.ok(await waits(made, 'j0'));
  assert.equal(await value('quota_refusals_total'), 1);
});

test('of two ranges at once one takes the last slot', async () => {
  const { governor: made } = governor([], { ...LIMITS, jobsPerDay: 1 });
  await made.start(SIGNAL);
  const both = await Promise.all([waits(made, 'j0'), waits(made, 'j1')]);
  assert.notEqual(both[0], both[1]);
});
