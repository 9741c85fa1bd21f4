import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Audit, RosterSink } from '@scoreline/ledger';

import { idIn, ledgerOf, TOPIC } from '../testing/ledger-of.ts';
import { activeSink, DEST, landed } from '../testing/proofs.ts';
import { planPromotion, type Promoting } from './promotion-plan.ts';

const decision = { atMs: 1_700_000_000_000, by: 'ada@host', why: 'it has proven itself' };

function plan(changes: Partial<Promoting> = {}) {
  return planPromotion({
    sink: 'x',
    ledger: ledgerOf(),
    found: [landed('x', { committed: 300n })],
    minId: idIn(0),
    grouped: ['x'],
    decision,
    ...changes,
  });
}

/** A clean audit of buckets `from` to `to`, when the group's run began at `since`. */
function audit(from: number, to: number, since: number, dest = DEST): Audit {
  const counts = Array.from({ length: to - from + 1 }, () => 10);
  return { from, counts, dest, since: { [TOPIC]: [since] }, atMs: 0 };
}

test('a sink that has landed from the beginning is promoted, with who, when, why and where', () => {
  const { problems, roster, isDone, lines } = plan();
  assert.deepEqual(problems, []);
  assert.equal(isDone, false);
  const change = { state: 'active', ...decision };
  assert.deepEqual(roster, [{ name: 'x', state: 'active', dest: DEST, changes: [change] }]);
  assert.match(lines.join('\n'), /log_scores-v1\[0\]: landed from 0 to 300$/m);
});

test('one that was retired is promoted again under the same rules, and its history stays', () => {
  const before = { state: 'retired', atMs: 1, by: 'b', why: 'w' } as const;
  const retired: RosterSink = { name: 'x', state: 'retired', dest: 'old', changes: [before] };
  const other = activeSink('y');
  const { problems, roster } = plan({ ledger: ledgerOf({ roster: [other, retired] }) });
  assert.deepEqual(problems, []);
  assert.equal(roster[0], other);
  assert.deepEqual(roster[1]?.changes, [before, { state: 'active', ...decision }]);
  assert.equal(roster[1]?.dest, DEST);
});

test('a lag is no problem, and is said', () => {
  const { problems, lines } = plan({ found: [landed('x', { committed: 120n, logEnd: 300n })] });
  assert.deepEqual(problems, []);
  assert.match(lines.join('\n'), /landed from 0 to 120: it is 180 behind/);
});

test('a partition without rows needs no offset', () => {
  const none = { ...landed('x', { partition: 1, committed: 0n }), committed: null };
  const ledger = ledgerOf({ topicEnds: { [TOPIC]: [300, 0] } });
  const { problems } = plan({ ledger, found: [landed('x', { committed: 300n }), none] });
  assert.deepEqual(problems, []);
});

test('one that is active with this destination is left as it is', () => {
  const { isDone, lines } = plan({ ledger: ledgerOf({ roster: [activeSink('x')] }) });
  assert.equal(isDone, true);
  assert.match(lines.join('\n'), /^x is active already/);
});

const whole = landed('x', { committed: 300n });
const withOffset = (metadata: string) => ({ ...whole, committed: { offset: 300n, metadata } });
const REFUSED: readonly [what: string, code: string, RegExp, Partial<Promoting>][] = [
  [
    'capture never began',
    'ledger-empty',
    /no checkpoint/,
    { ledger: { ...ledgerOf(), checkpoint: null } },
  ],
  [
    'no group was seen',
    'group-missing',
    /sink x has ever committed: known are a, b\./,
    { found: [], grouped: ['b', 'a'] },
  ],
  [
    'its offsets are gone',
    'group-missing',
    /ever committed/,
    { found: [{ ...whole, committed: null }] },
  ],
  [
    'it has landed in two places',
    'destinations-differ',
    /table 4711 and other/,
    { found: [whole, landed('x', { partition: 1, committed: 5n, metadata: { dest: 'other' } })] },
  ],
  ['its offsets were reset', 'destination-unknown', /no commit of x/, { found: [withOffset('')] }],
  [
    'its metadata is of later',
    'destination-unknown',
    /no commit/,
    { found: [withOffset('{"v":9}')] },
  ],
  [
    'one partition was never begun',
    'offset-missing',
    /\[1\]: no offset/,
    {
      ledger: ledgerOf({ topicEnds: { [TOPIC]: [300, 7] } }),
      found: [
        whole,
        { ...landed('x', { partition: 1, committed: 0n, logEnd: 7n }), committed: null },
      ],
    },
  ],
  [
    'one partition was reset',
    'offset-reset',
    /\[1\]: .*no metadata/,
    {
      ledger: ledgerOf({ topicEnds: { [TOPIC]: [300, 7] } }),
      found: [
        whole,
        {
          ...landed('x', { partition: 1, committed: 7n }),
          committed: { offset: 7n, metadata: null },
        },
      ],
    },
  ],
  [
    'a later version was never begun',
    'partition-missing',
    /log_scores-v2\[0\]/,
    { ledger: ledgerOf({ topicEnds: { [TOPIC]: [300], 'log_scores-v2': [5] } }) },
  ],
  [
    'something is in quarantine, wherever',
    'quarantined',
    /2 records are in quarantine/,
    {
      found: [
        landed('x', {
          committed: 310n,
          metadata: { quarantined: { count: 2, first: 305n, last: 306n } },
        }),
      ],
    },
  ],
  [
    'rows were in quarantine',
    'quarantined',
    /1 records from 5 to 5 are in quarantine/,
    {
      found: [
        landed('x', {
          committed: 310n,
          metadata: { quarantined: { count: 1, first: 5n, last: 5n } },
        }),
      ],
    },
  ],
  [
    'its offset is behind the log',
    'offset-above-log-end',
    /committed 301/,
    { found: [landed('x', { committed: 301n, logEnd: 300n })] },
  ],
  [
    'records were deleted before they landed',
    'offset-below-log-start',
    /committed 250/,
    { found: [landed('x', { committed: 250n, logStart: 260n, logEnd: 300n })] },
  ],
  [
    'the topic was made anew',
    'topic-truncated',
    /the log ends at 299/,
    { found: [landed('x', { committed: 299n })] },
  ],
];

for (const [what, code, message, changes] of REFUSED) {
  test(`it is refused: ${what}`, () => {
    const { problems } = plan(changes);
    assert.deepEqual(
      problems.map((problem) => problem.code),
      [code],
    );
    assert.match(problems[0]!.message, message);
  });
}

const late = landed('x', { since: 150n, committed: 300n });

test('one that began later lacks what MySQL still holds: the ids, and what mends it, are said', () => {
  const { problems } = plan({
    found: [late],
    minId: idIn(0, 3),
    ledger: ledgerOf({ buckets: { 0: [0, 100], 1: [100, 200], 2: [200, 300], 4: [120, 200] } }),
  });
  const [gone, first, second] = problems;
  assert.equal(problems.length, 3);
  assert.equal(gone?.code, 'bucket-partly-gone');
  assert.match(gone.message, /ids 0-2 are in the ledger/);
  assert.equal(first?.code, 'ids-missing');
  assert.match(
    first.message,
    /ids 3-131071 .*landed without a break since 150 only, the first row is at 0/,
  );
  assert.deepEqual(first.commands, [
    'capture --backfill --backfill-sink x --backfill-ids 3-131071',
    'sink-x --audit --audit-ids 3-131071',
  ]);
  assert.match(second!.message, /ids 262144-327679 /);
});

test('what MySQL holds no more will never be in it, and is no problem', () => {
  const { problems, lines } = plan({ found: [late], minId: idIn(2) });
  assert.deepEqual(problems, []);
  assert.match(lines.join('\n'), /ids 0-131071 were deleted from MySQL before: x has not landed/);
  assert.deepEqual(plan({ found: [late], minId: null }).problems, []);
  assert.equal(plan({ found: [late], minId: idIn(1, 9) }).problems.length, 2);
  assert.equal(plan({ found: [late], minId: idIn(1) }).problems.length, 1, 'nothing of 1 is gone');
});

test('a clean audit of this destination covers what was landed by a backfill', () => {
  const covered = (one: Audit) =>
    plan({ found: [late], ledger: ledgerOf({ audits: { x: [one] } }) }).problems.length === 0;
  assert.ok(covered(audit(0, 1, 150)));
  assert.ok(covered(audit(0, 2, 151)), 'the run that it has now began before');
  assert.ok(!covered(audit(0, 0, 150)), 'not of bucket 1');
  assert.ok(!covered(audit(0, 1, 149)), 'it began anew after that audit');
  assert.ok(!covered(audit(0, 1, 150, 'another')));
  const ofOther = ledgerOf({ audits: { y: [audit(0, 1, 150)] } });
  assert.equal(plan({ found: [late], ledger: ofOther }).problems.length, 1);
});

test('an active one whose destination was made anew is promoted for that only when it was audited', () => {
  const roster = [activeSink('x', { dest: 'before' })];
  const refused = plan({ ledger: ledgerOf({ roster }) });
  assert.deepEqual(
    refused.problems.map(({ code }) => code),
    ['destination-changed'],
  );
  assert.deepEqual(refused.problems[0]?.commands, ['sink-x --audit --audit-ids 0-131071']);
  const audited = ledgerOf({ roster, audits: { x: [audit(0, 1, 0)] } });
  const { problems, roster: after } = plan({ ledger: audited });
  assert.deepEqual(problems, []);
  assert.equal(after[0]?.dest, DEST);
  const before = ledgerOf({ roster, audits: { x: [audit(0, 1, 0, 'before')] } });
  assert.equal(plan({ ledger: before }).problems.length, 1);
});

test('the digest is of what the plan rests on', () => {
  const { digest } = plan();
  assert.equal(plan().digest, digest);
  const more = [landed('x', { committed: 280n, logEnd: 300n })];
  assert.equal(plan({ found: more }).digest, digest, 'it lands meanwhile');
  assert.equal(plan({ decision: { ...decision, atMs: 1 } }).digest, digest);
  for (const changes of [
    { minId: idIn(1) },
    { minId: null },
    { found: [landed('x', { since: 1n, committed: 300n })] },
    { found: [landed('x', { committed: 300n, metadata: { dest: 'other' } })] },
    { ledger: ledgerOf({ roster: [activeSink('y')] }) },
    { ledger: ledgerOf({ buckets: { 0: [0, 300] } }), found: [late] },
  ] satisfies Partial<Promoting>[]) {
    assert.notEqual(plan(changes).digest, digest, JSON.stringify(Object.keys(changes)));
  }
});
