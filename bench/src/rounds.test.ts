import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isMissing, type Measured, type System } from './measurement.ts';
import { type Contender, inTurns } from './rounds.ts';

const MEASURED: Measured = { rows: 1000, seconds: 1, cpuSeconds: 1, rssMb: 1 };

function options(signal = new AbortController().signal) {
  return { work: 'capture-bulk', rows: 1000, rounds: 2, say: () => {}, signal } as const;
}

function contender(system: System, measure: (round: number) => Promise<Measured>): Contender {
  return { system, prepare: () => Promise.resolve(null), measure };
}

test('systems take turns after one that warms the servers up and does not count', async () => {
  const order: string[] = [];
  const logged = (system: System): Contender =>
    contender(system, (round) => {
      order.push(`${system} ${round}`);
      return Promise.resolve(MEASURED);
    });
  const outcomes = await inTurns([logged('scoreline'), logged('maxwell')], [], options());
  assert.deepEqual(order, ['scoreline 0', 'scoreline 1', 'maxwell 1', 'scoreline 2', 'maxwell 2']);
  assert.deepEqual(
    outcomes.map((one) => [one.system, isMissing(one) ? 0 : one.rounds]),
    [
      ['scoreline', 2],
      ['maxwell', 2],
    ],
  );
});

test('a peer that fails is missing with its reason, and not asked again', async () => {
  let asked = 0;
  const failing = contender('maxwell', () => {
    asked += 1;
    return Promise.reject(new Error('topic t holds 9 rows\nand more'));
  });
  const ours = contender('scoreline', () => Promise.resolve(MEASURED));
  const outcomes = await inTurns([ours, failing], [], options());
  assert.equal(asked, 1);
  assert.deepEqual(outcomes[1], {
    system: 'maxwell',
    work: 'capture-bulk',
    missing: 'failed: topic t holds 9 rows',
  });
});

test('our own failure ends the run, and so does being stopped', async () => {
  const ours = contender('scoreline', () => Promise.reject(new Error('lost rows')));
  await assert.rejects(inTurns([ours], [], options()), /lost rows/);
  const peer = contender('maxwell', () => Promise.reject(new Error('stopped by SIGINT')));
  await assert.rejects(inTurns([peer], [], options(AbortSignal.abort())), /stopped by SIGINT/);
});
