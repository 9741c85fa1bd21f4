import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ledgerOf } from '../testing/ledger-of.ts';
import { activeSink } from '../testing/proofs.ts';
import { planRetire, type Retiring } from './retire-plan.ts';

const decision = { atMs: 1_700_000_000_000, by: 'ada@host', why: 'it is replaced' };

function plan(changes: Partial<Retiring> = {}) {
  return planRetire({
    sink: 'x',
    ledger: ledgerOf({ roster: [activeSink('x'), activeSink('y')] }),
    grouped: ['x', 'y'],
    groups: ['sink-x.log_scores-v1'],
    decision,
    ...changes,
  });
}

test('a sink is retired, and the plan says on whom the purge rests then', () => {
  const { problems, lines, roster, isDone } = plan();
  assert.deepEqual(problems, []);
  assert.equal(isDone, false);
  assert.deepEqual(
    roster.map(({ name, state }) => [name, state]),
    [
      ['x', 'retired'],
      ['y', 'active'],
    ],
  );
  assert.deepEqual(roster[0]?.changes, [{ state: 'retired', ...decision }]);
  assert.match(lines.join('\n'), /deleted from MySQL when y holds it, and x is not asked/);
  assert.match(lines.join('\n'), /groups may be deleted then: sink-x\.log_scores-v1/);
});

test('the last one may be retired, and the plan says that nothing is deleted then', () => {
  const { problems, lines } = plan({ ledger: ledgerOf({ roster: [activeSink('x')] }) });
  assert.deepEqual(problems, []);
  assert.match(lines.join('\n'), /afterwards no sink is active: nothing is deleted/);
});

test('one that nobody promoted is retired, so that the topic need not be kept for it', () => {
  const { problems, roster } = plan({ ledger: ledgerOf({ roster: [activeSink('y')] }) });
  assert.deepEqual(problems, []);
  assert.deepEqual(roster[1], {
    name: 'x',
    state: 'retired',
    dest: null,
    changes: [{ state: 'retired', ...decision }],
  });
});

test('a name that nobody knows is refused, and those that there are are said', () => {
  const { problems } = plan({ sink: 'typo', groups: [] });
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['sink-unknown'],
  );
  assert.match(problems[0]!.message, /known are x, y$/);
});

test('one that is retired is left as it is', () => {
  const changes = [{ state: 'retired', atMs: 0, by: 'bob@h', why: 'old' }] as const;
  const roster = [activeSink('x', { state: 'retired', changes })];
  const { isDone, lines } = plan({ ledger: ledgerOf({ roster }) });
  assert.equal(isDone, true);
  assert.deepEqual(lines, ['x is retired already: 1970-01-01T00:00:00.000Z by bob@h: old']);
});

test('the digest is of the roster and the ledger', () => {
  const { digest } = plan();
  assert.equal(plan({ decision: { ...decision, why: 'said better' } }).digest, digest);
  assert.notEqual(plan({ sink: 'y' }).digest, digest);
  const roster = [activeSink('x'), activeSink('y', { state: 'retired' })];
  assert.notEqual(plan({ ledger: ledgerOf({ roster }) }).digest, digest);
});
