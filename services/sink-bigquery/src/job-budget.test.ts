import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { DAY_MS, JobBudget } from './job-budget.ts';

const T0 = 1_762_992_000_000;
const HOUR_MS = 3_600_000;
const LIMITS = { jobsPerDay: 1400, partitionsPerDay: 10_000, quotaPauseMs: 600_000 };

/** The most that fell into any 24 hours. */
function most(starts: readonly { at: number; cost: number }[], of: 'jobs' | 'cost'): number {
  let from = 0;
  let sum = 0;
  let highest = 0;
  for (const { at, cost } of starts) {
    sum += of === 'jobs' ? 1 : cost;
    for (; starts[from]!.at <= at - DAY_MS; from++) sum -= of === 'jobs' ? 1 : starts[from]!.cost;
    highest = Math.max(highest, sum);
  }
  return highest;
}

/** Jobs one after another as fast as the budget lets them, for so many days. */
function saturate(budget: JobBudget, days: number, cost: (n: number) => number) {
  const starts: { at: number; cost: number }[] = [];
  for (let now = T0; now < T0 + days * DAY_MS;) {
    const partitions = cost(starts.length);
    const wait = budget.waitMs(now, partitions);
    now += wait;
    if (wait > 0) continue;
    budget.add(`job-${starts.length}`, now, partitions);
    starts.push({ at: now, cost: partitions });
  }
  return starts;
}

test('a backlog of days never has more jobs in 24 hours than allowed, and never stands still for long', () => {
  const starts = saturate(new JobBudget(LIMITS), 4, () => 1);
  assert.ok(most(starts, 'jobs') <= 1400);
  const lastDay = starts.filter(({ at }) => at >= T0 + 3 * DAY_MS);
  assert.ok(lastDay.length > 900, String(lastDay.length));
  const gaps = starts.slice(1).map(({ at }, i) => at - starts[i]!.at);
  assert.ok(Math.max(...gaps) < 15 * 60_000, `${Math.max(...gaps) / 60_000} minutes`);
});

test('jobs over many days are spaced by the partitions that they touch', () => {
  const starts = saturate(new JobBudget(LIMITS), 3, (n) => (n % 7 === 0 ? 60 : 15));
  assert.ok(most(starts, 'cost') <= 10_000);
  assert.ok(most(starts, 'jobs') < 700);
  assert.ok(most(starts, 'cost') > 7000);
});

test('in any order of jobs, costs, pauses and restarts the limits hold', () => {
  const step = fc.record({
    afterMs: fc.integer({ min: 0, max: 3 * HOUR_MS }),
    cost: fc.integer({ min: 1, max: 20 }),
    event: fc.constantFrom('job', 'job', 'job', 'job', 'restart', 'exceeded', 'rate'),
  });
  const limits = { jobsPerDay: 12, partitionsPerDay: 60, quotaPauseMs: 600_000 };
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 200 }), (steps) => {
      let budget = new JobBudget(limits);
      const starts: { at: number; cost: number; id: string }[] = [];
      let now = T0;
      for (const { afterMs, cost, event } of steps) {
        now += afterMs;
        if (event === 'restart') {
          budget = new JobBudget(limits);
          // What is listed comes newest first.
          for (const one of starts.toReversed()) {
            if (one.at > now - DAY_MS) budget.add(one.id, one.at, one.cost);
          }
        } else if (event === 'exceeded') budget.exceeded(now);
        else if (event === 'rate') budget.hold(now, 10_000);
        else {
          for (let wait = budget.waitMs(now, cost); wait > 0; wait = budget.waitMs(now, cost)) {
            assert.ok(wait <= DAY_MS);
            now += wait;
          }
          const id = `job-${starts.length}`;
          budget.add(id, now, cost);
          starts.push({ at: now, cost, id });
        }
      }
      assert.ok(most(starts, 'jobs') <= limits.jobsPerDay);
      assert.ok(most(starts, 'cost') <= limits.partitionsPerDay);
    }),
    { numRuns: 200 },
  );
});

test('members that hear of each other once a minute stay below Google’s limit together', () => {
  const members = Array.from({ length: 12 }, () => new JobBudget(LIMITS));
  const starts: { at: number; cost: number; id: string }[] = [];
  const heard = members.map(() => ({ atMs: 0, jobs: 0 }));
  const lookAt = members.map(() => 0);
  for (let now = T0; now < T0 + 1.2 * DAY_MS; now += 5000) {
    for (const [index, budget] of members.entries()) {
      if (now < lookAt[index]!) continue;
      const known = heard[index]!;
      if (now - known.atMs >= 60_000) {
        known.atMs = now;
        for (const { id, at, cost } of starts.slice(known.jobs)) budget.add(id, at, cost);
        known.jobs = starts.length;
      }
      const wait = budget.waitMs(now, 1);
      lookAt[index] = now + Math.min(wait, 30_000);
      if (wait > 0) continue;
      const id = `${index}-${now}`;
      budget.add(id, now, 1);
      starts.push({ at: now, cost: 1, id });
    }
  }
  const highest = most(starts, 'jobs');
  assert.ok(highest < 1500 && highest > 1000, String(highest));
});

test('an ordinary day’s jobs do not wait', () => {
  const budget = new JobBudget(LIMITS);
  for (let n = 0; n < 300; n++) {
    assert.equal(budget.waitMs(T0 + n, 1), 0);
    budget.add(`job-${n}`, T0 + n, 1);
  }
});

test('after quotaExceeded nothing starts for the pause, and jobs are further apart for a day', () => {
  const budget = new JobBudget(LIMITS);
  budget.add('a', T0, 1);
  budget.exceeded(T0);
  budget.exceeded(T0 + 10);
  assert.equal(budget.waitMs(T0 + 10, 1), 600_000);
  const after = T0 + 700_000;
  assert.equal(budget.waitMs(after, 1), 0);
  budget.add('b', after, 1);
  assert.ok(budget.waitMs(after, 1) > 30_000);
  budget.exceeded(after);
  const slower = after + 600_000;
  budget.add('c', slower, 1);
  assert.ok(budget.waitMs(slower, 1) > 60_000);
  const nextDay = slower + DAY_MS;
  budget.add('d', nextDay, 1);
  assert.equal(budget.waitMs(nextDay, 1), 0);
});

test('a job above the whole limit of partitions goes when nothing else was spent', () => {
  const budget = new JobBudget({ ...LIMITS, partitionsPerDay: 10 });
  assert.equal(budget.waitMs(T0, 50), 0);
  budget.add('a', T0, 50);
  assert.equal(budget.waitMs(T0 + 1, 1), DAY_MS - 1);
  assert.deepEqual(budget.remaining(T0 + 1), { jobs: 1399, partitions: 0 });
  assert.equal(budget.waitMs(T0 + DAY_MS, 50), 0);
});

test('a job counts once, however often it is told', () => {
  const budget = new JobBudget(LIMITS);
  budget.add('a', T0, 3);
  budget.add('a', T0 + 5, 3);
  assert.ok(budget.knows('a'));
  assert.deepEqual(budget.remaining(T0 + 5), { jobs: 1399, partitions: 9997 });
});
