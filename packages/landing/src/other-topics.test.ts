import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type CommitMetadata, formatCommitMetadata } from './commit-metadata.ts';
import { hasLandedIn, heldBefore, isUntouched } from './other-topics.ts';
import type { FoundPartition } from './resume.ts';

const LANDED = {
  first: 0n,
  last: 4n,
  rows: 5,
  minId: 1,
  maxId: 5,
  minTs: 0,
  maxTs: 0,
  crc: 0,
  at: 0,
};

function found(metadata: Partial<CommitMetadata> | null, rest: Partial<FoundPartition> = {}) {
  const text = formatCommitMetadata({
    since: 0n,
    dest: 'here',
    pending: [],
    landed: null,
    ...metadata,
  });
  const committed = metadata === null ? null : { offset: 0n, metadata: text };
  return { topic: 't', partition: 0, group: 'g', logStart: 0n, logEnd: 9n, committed, ...rest };
}

test('a group has landed here when each commit says so, and one of them rows', () => {
  const landed = found({ landed: LANDED });
  assert.ok(hasLandedIn('here', [landed, found({})]));
  assert.ok(!hasLandedIn('here', [found({})]), 'nothing has landed');
  assert.ok(!hasLandedIn('here', [landed, found(null)]), 'an offset is gone');
  assert.ok(!hasLandedIn('here', [landed, found({ dest: 'there' })]), 'some of it is elsewhere');
  assert.ok(!hasLandedIn('there', [landed]));
  const reset = { ...landed, committed: { offset: 5n, metadata: null } };
  assert.ok(!hasLandedIn('here', [landed, reset]), 'somebody else moved it');
});

test('a topic is untouched when it is whole and nothing of it was begun', () => {
  assert.ok(isUntouched(found(null)));
  assert.ok(isUntouched(found({})));
  assert.ok(!isUntouched(found(null, { logStart: 1n })));
  assert.ok(!isUntouched(found({ pending: [3n] })));
  assert.ok(!isUntouched(found({ landed: LANDED })));
  assert.ok(!isUntouched(found({}, { committed: { offset: 3n, metadata: null } })));
});

test('rows of before are those that any commit of this destination tells of', () => {
  assert.equal(heldBefore('here', []), undefined);
  assert.equal(heldBefore('here', [found(null), found({})]), undefined);
  assert.equal(heldBefore('here', [found({ heldUpTo: 7 }), found({ heldUpTo: 9 })]), 9);
  assert.equal(heldBefore('here', [found({ heldUpTo: 7, dest: 'there' })]), undefined);
  assert.equal(heldBefore('here', [found({ heldUpTo: 0 })]), 0);
});
