import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DEST, landed } from '../testing/proofs.ts';
import { type Expected, type Needed, whyNotLanded } from './partition-proof.ts';

const NEEDED: Needed = {
  place: { sink: 'x', topic: 'log_scores-v1', partition: 0 },
  first: 100n,
  end: 200n,
};
const EXPECTED: Expected = { dest: DEST, highest: undefined, auditedBelow: undefined };
const ALL = landed('x', { since: 0n, committed: 200n, logEnd: 250n });

function code(found: typeof ALL | undefined, expected: Partial<Expected> = {}): string | undefined {
  return whyNotLanded(NEEDED, found, { ...EXPECTED, ...expected })?.code;
}

test('one unbroken run of commits from the first row to behind the last is proof', () => {
  assert.equal(code(ALL), undefined);
  assert.equal(code(landed('x', { since: 100n, committed: 200n })), undefined);
  assert.equal(code(landed('x', { since: 0n, committed: 900n })), undefined);
  assert.equal(code(ALL, { highest: 200n }), undefined);
});

test('a sink that is behind is waited for: it says where it is and where it must be', () => {
  const reason = whyNotLanded(NEEDED, landed('x', { committed: 199n, logEnd: 250n }), EXPECTED);
  assert.deepEqual(reason, {
    kind: 'wait',
    code: 'behind',
    message: 'sink x, log_scores-v1[0]: committed 199, 200 is needed',
    at: NEEDED.place,
    needed: 200n,
    held: 199n,
  });
});

test('what is pending counts for nothing, whatever it is', () => {
  const found = landed('x', { committed: 150n, logEnd: 250n, metadata: { pending: [199n] } });
  assert.equal(code(found), 'behind');
});

for (const [what, name, found, expected] of [
  ['no such partition', 'partition-missing', undefined],
  [
    'a log that ends before the rows',
    'topic-truncated',
    landed('x', { committed: 200n, logEnd: 199n }),
  ],
  ['no offset', 'offset-missing', { ...ALL, committed: null }],
  [
    'an offset without metadata',
    'offset-reset',
    { ...ALL, committed: { offset: 250n, metadata: null } },
  ],
  [
    'an offset with empty metadata',
    'offset-reset',
    { ...ALL, committed: { offset: 250n, metadata: '' } },
  ],
  [
    'metadata of another version',
    'commit-metadata-unknown',
    { ...ALL, committed: { offset: 250n, metadata: '{"v":99}' } },
  ],
  [
    'an offset behind the log',
    'offset-above-log-end',
    landed('x', { committed: 251n, logEnd: 250n }),
  ],
  [
    'an offset before the log',
    'offset-below-log-start',
    landed('x', { committed: 90n, logStart: 91n, logEnd: 250n }),
  ],
  ['an offset that was higher before', 'offset-moved-back', ALL, { highest: 201n }],
  ['another destination', 'destination-changed', ALL, { dest: 'another' }],
  ['no destination was promoted', 'destination-changed', ALL, { dest: null }],
  [
    'a run that begins behind the first row',
    'landed-from-later',
    landed('x', { since: 101n, committed: 200n }),
  ],
  [
    'a record in quarantine',
    'quarantined',
    landed('x', {
      committed: 300n,
      metadata: { quarantined: { count: 1, first: 199n, last: 199n } },
    }),
  ],
] as const) {
  test(`it is refused: ${what}, ${name}`, () => {
    const reason = whyNotLanded(NEEDED, found, { ...EXPECTED, ...expected });
    assert.equal(reason?.code, name);
    assert.equal(reason?.kind, 'refuse');
    assert.match(reason?.message ?? '', /x, log_scores-v1\[0\]/);
  });
}

test('records in quarantine block what is before their place no more than what is behind it is needed', () => {
  const at = (first: bigint) =>
    code(
      landed('x', { committed: 300n, metadata: { quarantined: { count: 1, first, last: 250n } } }),
    );
  assert.equal(at(200n), undefined, 'all rows come before the first of them');
  assert.equal(at(199n), 'quarantined');
  assert.equal(at(0n), 'quarantined');
});

test('an audit stands in for what came before the run that it saw, not for a run that began later', () => {
  const later = (since: bigint) => landed('x', { since, committed: 200n });
  assert.equal(code(later(150n), { auditedBelow: 150n }), undefined);
  assert.equal(code(later(149n), { auditedBelow: 150n }), undefined);
  assert.equal(code(later(151n), { auditedBelow: 150n }), 'landed-from-later');
});
