import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RosterSink } from '@scoreline/ledger';

import { planRetirement, type Retiring, type TopicGroup } from './retirement-plan.ts';

const TOPIC = 'log_scores-v1';
const LANDED = JSON.stringify({ v: 1, since: '0', dest: 'd', pending: [], landed: null });

function sink(changes: Partial<TopicGroup> = {}): TopicGroup {
  const group = `sink-file.${TOPIC}`;
  return { group, committed: [101, 51], metadata: [LANDED, LANDED], ...changes };
}

function listed(name: string, state: RosterSink['state']): RosterSink {
  return { name, state, dest: null, changes: [] };
}

function plan(changes: Partial<Retiring> = {}) {
  return planRetirement({
    ledgerUuid: 'u',
    topic: TOPIC,
    successor: 'log_scores-v2',
    ends: [100, 50],
    groups: [sink()],
    following: new Set(['sink-file.log_scores-v2']),
    roster: [],
    ...changes,
  });
}

test('a topic whose groups have every row may be retired, markers at its end or not', () => {
  assert.deepEqual(plan().problems, []);
  assert.deepEqual(plan({ groups: [sink({ committed: [100, 50] })] }).problems, []);
  // A partition that never had rows needs no offset.
  const unused = sink({ committed: [101, -1], metadata: [LANDED, ''] });
  assert.deepEqual(plan({ ends: [100, 0], groups: [unused] }).problems, []);
  // A group that is no sink of ours commits without metadata, and follows as it likes.
  const own = { group: 'reports', committed: [100, 50], metadata: ['', ''] };
  assert.deepEqual(plan({ groups: [sink(), own] }).problems, []);
});

test('a sink that took an archive over may have a version retired as any other', () => {
  const beside = JSON.stringify({ ...JSON.parse(LANDED), v: 3, heldUpTo: 700 });
  assert.deepEqual(plan({ groups: [sink({ metadata: [beside, beside] })] }).problems, []);
});

test('the group of a retired sink is no hindrance, whatever it has left', () => {
  const left = sink({
    group: `sink-old.${TOPIC}`,
    committed: [7, -1],
    metadata: [pending, ''],
  });
  const roster = [listed('file', 'active'), listed('old', 'retired')];
  const { problems, lines } = plan({ groups: [sink(), left], roster });
  assert.deepEqual(problems, []);
  assert.match(lines.at(-1)!, /^sink-old.* lag 143, of a sink that is retired$/);
  assert.equal(plan({ groups: [sink(), left] }).problems.length > 0, true, 'unless it is retired');
});

const pending = JSON.stringify({ v: 1, since: '0', dest: 'd', pending: ['120'], landed: null });
const waits = JSON.stringify({ ...JSON.parse(pending), v: 3, heldUpTo: 700 });
const quarantined = JSON.stringify({ ...JSON.parse(LANDED), v: 2, quarantined: { count: 1 } });
const REFUSED: readonly [what: string, Partial<Retiring>, RegExp][] = [
  ['no later version has rows', { successor: null }, /^no later version has rows/],
  ['nobody has read it', { groups: [] }, /^no consumer group/],
  ['a lag', { groups: [sink({ committed: [101, 49] })] }, /v1\[1\] has a lag of 1$/],
  ['no offset', { groups: [sink({ committed: [101] })] }, /v1\[1\] has rows, and .* no offset/],
  ['a pending range', { groups: [sink({ metadata: [LANDED, pending] })] }, /is pending/],
  ['a quarantine', { groups: [sink({ metadata: [quarantined, LANDED] })] }, /in quarantine/],
  ['a reset offset', { groups: [sink({ metadata: ['', LANDED] })] }, /carries no metadata/],
  ['metadata of later', { groups: [sink({ metadata: ['{"v":9}', LANDED] })] }, /not understood/],
  ['metadata of others', { groups: [sink({ metadata: ['{', LANDED] })] }, /not understood/],
  [
    'a range pending beside rows of others',
    { groups: [sink({ metadata: [LANDED, waits] })] },
    /is pending/,
  ],
  [
    'a sink of the roster that has not read it',
    { roster: [listed('file', 'active'), listed('gcs', 'testing')] },
    /^sink-gcs.log_scores-v1: the roster has the sink gcs/,
  ],
  [
    'a sink of the roster that does not follow',
    { roster: [listed('file', 'testing')], following: new Set() },
    /no sink-file.log_scores-v2/,
  ],
  ['a sink that does not follow', { following: new Set() }, /no sink-file.log_scores-v2/],
];

for (const [what, changes, message] of REFUSED) {
  test(`it is refused: ${what}`, () => {
    const { problems } = plan(changes);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0]!, message);
  });
}

test('the digest is of what the plan rests on', () => {
  const { digest } = plan();
  assert.equal(plan().digest, digest);
  for (const changes of [
    { ends: [100, 51] },
    { groups: [sink({ committed: [102, 51] })] },
    { groups: [sink(), sink({ group: 'reports' })] },
    { ledgerUuid: 'other' },
    { roster: [listed('file', 'active')] },
  ]) {
    assert.notEqual(plan(changes).digest, digest);
  }
});

test('the plan says what it has seen of each group', () => {
  const { lines } = plan({ groups: [sink({ committed: [90] })] });
  assert.deepEqual(lines.slice(1), [
    'log_scores-v1: rows end at 100 50, and go on in log_scores-v2',
    'sink-file.log_scores-v1: committed 90 -, lag 60',
  ]);
});
