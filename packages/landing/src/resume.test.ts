import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type CommitMetadata, formatCommitMetadata } from './commit-metadata.ts';
import { type FoundPartition, resume, type ResumeOptions } from './resume.ts';

const DEST = { name: 'table ntp.log_scores', fingerprint: 'uuid-1', holdsRows: true };
const OPTIONS: ResumeOptions = { dest: DEST, accepted: undefined, antiJoin: false };

function metadata(change: Partial<CommitMetadata> = {}): string {
  return formatCommitMetadata({ since: 0n, dest: 'uuid-1', pending: [], landed: null, ...change });
}

function found(change: Partial<FoundPartition> = {}): FoundPartition {
  return {
    topic: 't',
    partition: 2,
    group: 'g',
    committed: { offset: 500n, metadata: metadata() },
    logStart: 100n,
    logEnd: 1000n,
    ...change,
  };
}

test('landing goes on at the commit, with what it says', () => {
  const { progress, isNew } = resume(
    found({ committed: { offset: 500n, metadata: metadata({ pending: [599n] }) } }),
    OPTIONS,
  );
  assert.equal(isNew, false);
  const expected = { committed: 500n, since: 0n, dest: 'uuid-1', pending: [599n], landed: null };
  assert.deepEqual(progress, expected);
});

test('what is in quarantine stays in the commit', () => {
  const quarantined = { count: 1, first: 7n, last: 7n };
  const commit = { offset: 500n, metadata: metadata({ quarantined }) };
  assert.deepEqual(resume(found({ committed: commit }), OPTIONS).progress.quarantined, quarantined);
});

test('a partition that was never landed starts with the log, when the destination is empty', () => {
  const dest = { ...DEST, holdsRows: false };
  const { progress, isNew } = resume(found({ committed: null }), { ...OPTIONS, dest });
  assert.equal(isNew, true);
  const expected = { committed: 100n, since: 100n, dest: 'uuid-1', pending: [], landed: null };
  assert.deepEqual(progress, expected);
});

test('a commit at either end of the log is within it', () => {
  for (const offset of [100n, 1000n]) {
    const commit = { offset, metadata: metadata() };
    assert.equal(resume(found({ committed: commit }), OPTIONS).progress.committed, offset);
  }
});

const DOUBTS: Record<string, { found: Partial<FoundPartition>; code: string }> = {
  'no offset beside a destination that holds rows': {
    found: { committed: null },
    code: 'offset-missing',
  },
  'a commit that somebody else made': {
    found: { committed: { offset: 500n, metadata: null } },
    code: 'offset-reset',
  },
  'a commit whose metadata is empty': {
    found: { committed: { offset: 500n, metadata: '' } },
    code: 'offset-reset',
  },
  'metadata of another version': {
    found: { committed: { offset: 500n, metadata: '{"v":9}' } },
    code: 'commit-metadata-unknown',
  },
  'another destination': {
    found: { committed: { offset: 500n, metadata: metadata({ dest: 'uuid-0' }) } },
    code: 'destination-changed',
  },
  'records deleted before they landed': {
    found: { committed: { offset: 99n, metadata: metadata() } },
    code: 'offset-below-log-start',
  },
  'a log that ends before the commit': {
    found: { committed: { offset: 1001n, metadata: metadata() } },
    code: 'offset-above-log-end',
  },
  'a log that ends within what is pending': {
    found: { committed: { offset: 500n, metadata: metadata({ pending: [1000n] }) } },
    code: 'offset-above-log-end',
  },
  'pending ranges below the commit': {
    found: { committed: { offset: 500n, metadata: metadata({ pending: [499n, 600n] }) } },
    code: 'commit-metadata-unknown',
  },
};

for (const [name, { found: change, code }] of Object.entries(DOUBTS)) {
  test(`doubt stops: ${name}`, () => {
    assert.throws(
      () => resume(found(change), OPTIONS),
      (error: Error & { code?: string; remedy?: string }) => {
        assert.equal(error.code, code);
        assert.ok(error.message.includes('t[2] of group g'), error.message);
        assert.ok(error.remedy);
        return true;
      },
    );
  });
}

const OVERRULED = [
  'offset-missing',
  'offset-reset',
  'offset-below-log-start',
  'offset-above-log-end',
];

for (const [name, { found: change, code }] of Object.entries(DOUBTS)) {
  const overruled = OVERRULED.includes(code);
  test(`accept_offset ${overruled ? 'overrules' : 'does not overrule'}: ${name}`, () => {
    const go = () => resume(found(change), { ...OPTIONS, accepted: 500n });
    if (!overruled) {
      assert.throws(go, { code });
      return;
    }
    const { progress, isNew } = go();
    assert.equal(isNew, true);
    const expected = { committed: 500n, since: 500n, dest: 'uuid-1', pending: [], landed: null };
    assert.deepEqual(progress, expected);
  });
}

test('a group without offsets begins with the log beside rows that will be asked for', () => {
  const { progress, isNew } = resume(found({ committed: null }), { ...OPTIONS, antiJoin: true });
  assert.equal(isNew, true);
  const expected = { committed: 100n, since: 100n, dest: 'uuid-1', pending: [], landed: null };
  assert.deepEqual(progress, expected);
});

for (const [name, { found: change, code }] of Object.entries(DOUBTS)) {
  if (code === 'offset-missing') continue;
  test(`rows that will be asked for do not overrule: ${name}`, () => {
    assert.throws(() => resume(found(change), { ...OPTIONS, antiJoin: true }), { code });
  });
}

test('what others have left is remembered from start to start, with and without the setting', () => {
  const commit = { offset: 500n, metadata: metadata({ heldUpTo: 77 }) };
  for (const antiJoin of [false, true]) {
    const { progress, isNew } = resume(found({ committed: commit }), { ...OPTIONS, antiJoin });
    assert.deepEqual([progress.heldUpTo, isNew], [77, false]);
  }
});

test('what others have left is remembered where an operator says to go on elsewhere', () => {
  for (const offset of [99n, 1001n]) {
    const commit = { offset, metadata: metadata({ heldUpTo: 77 }) };
    const options = { ...OPTIONS, accepted: 200n };
    const { progress, isNew } = resume(found({ committed: commit }), options);
    assert.deepEqual([progress.committed, progress.heldUpTo, isNew], [200n, 77, true]);
  }
});

test('accept_offset does nothing where nothing is in doubt, so it may be left in place', () => {
  const { progress, isNew } = resume(found(), { ...OPTIONS, accepted: 700n });
  assert.equal(isNew, false);
  assert.equal(progress.committed, 500n);
});

test('accept_offset must be within the log', () => {
  for (const accepted of [99n, 1001n]) {
    assert.throws(() => resume(found({ committed: null }), { ...OPTIONS, accepted }), {
      code: 'accept-offset-outside-log',
    });
  }
});

test('accept_offset must agree with the reset that it confirms', () => {
  const committed = { offset: 500n, metadata: null };
  assert.throws(() => resume(found({ committed }), { ...OPTIONS, accepted: 501n }), {
    code: 'accept-offset-differs',
  });
});
