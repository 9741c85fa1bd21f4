import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Goal, GOALS, judge } from './goals.ts';
import type { Outcome, Result, System, Work } from './measurement.ts';

function result(system: System, more: Partial<Result> = {}, work: Work = 'capture-bulk'): Result {
  return {
    system,
    work,
    rows: 1_000_000,
    rowsPerS: 800_000,
    rowsPerSMin: 700_000,
    rowsPerSMax: 900_000,
    cpuSPerMillion: 1.2,
    serverCpuSPerMillion: null,
    seconds: 1.25,
    rssMb: 200,
    heldMb: null,
    freshP99Ms: null,
    rounds: 3,
    ...more,
  };
}

const work = 'capture-bulk';
const verdict = (goal: Goal, ...outcomes: Outcome[]): string =>
  judge(outcomes, [goal])
    .map((one) => `${one.verdict}: ${one.goal}: ${one.seen}`)
    .join();

test('a number that must be reached passes when it is met exactly', () => {
  const goal: Goal = { work, measure: 'rowsPerS', atLeast: 800_000 };
  assert.equal(verdict(goal, result('scoreline')), 'PASS: >= 800,000 rows/s: 800,000');
  assert.equal(
    verdict(goal, result('scoreline', { rowsPerS: 799_999 })),
    'MISS: >= 800,000 rows/s: 799,999',
  );
});

test('a bound on CPU time holds up to and with its value', () => {
  const goal: Goal = { work, measure: 'cpuSPerMillion', atMost: 1.5 };
  assert.match(verdict(goal, result('scoreline', { cpuSPerMillion: 1.5 })), /^PASS: <= 1\.5 CPU s/);
  assert.match(verdict(goal, result('scoreline', { cpuSPerMillion: 1.51 })), /^MISS/);
});

test('a bound on memory is not met by its own value', () => {
  const goal: Goal = { work, measure: 'rssMb', below: 300 };
  assert.match(verdict(goal, result('scoreline', { rssMb: 299.9 })), /^PASS/);
  assert.match(verdict(goal, result('scoreline', { rssMb: 300 })), /^MISS/);
});

test('a time is told in hundredths, what is held in tenths, and neither where it is not measured', () => {
  const time: Goal = { work, measure: 'seconds', below: 2 };
  assert.equal(verdict(time, result('scoreline', { seconds: 1.234 })), 'PASS: < 2 s: 1.23');
  assert.equal(verdict(time, result('scoreline', { seconds: 2 })), 'MISS: < 2 s: 2');
  const held: Goal = { work, measure: 'heldMb', below: 64 };
  assert.equal(verdict(held, result('scoreline', { heldMb: 4.44 })), 'PASS: < 64 MB held: 4.4');
  assert.throws(() => verdict(held, result('scoreline')), /capture-bulk does not measure heldMb/);
});

test('a factor is against the peer in the same run and work', () => {
  const goal: Goal = { work, measure: 'rowsPerS', times: 4, peer: 'maxwell' };
  const ours = result('scoreline');
  const elsewhere = result('maxwell', { rowsPerS: 1 }, 'capture-single');
  const peer = (rowsPerS: number): Result => result('maxwell', { rowsPerS });
  assert.equal(verdict(goal, elsewhere, peer(200_000), ours), 'PASS: >= 4 x maxwell: 4.0 x');
  assert.equal(verdict(goal, elsewhere, peer(201_000), ours), 'MISS: >= 4 x maxwell: 3.9 x');
});

test('a goal against a peer that cannot be had is missing, with the reason', () => {
  const goal: Goal = { work, measure: 'rowsPerS', times: 4, peer: 'maxwell' };
  const missing = { system: 'maxwell', work, missing: 'not on a registry' } as const;
  assert.equal(
    verdict(goal, result('scoreline'), missing),
    'MISSING: >= 4 x maxwell: not on a registry',
  );
  assert.equal(verdict(goal, result('scoreline')), 'MISSING: >= 4 x maxwell: not measured');
});

test('goals of works that were not measured are not judged', () => {
  assert.deepEqual(judge([result('maxwell')]), []);
  const judged = judge([result('scoreline')]);
  assert.equal(judged.length, GOALS.filter((goal) => goal.work === work).length);
  assert.ok(judged.length > 0);
});
