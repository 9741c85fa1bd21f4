import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KnownDestination } from './known-destination.ts';

test('a destination that was empty at the start holds rows as soon as some have landed', () => {
  const known = new KnownDestination();
  assert.throws(() => known.now, /has not been started/);
  const empty = { name: 'a table', fingerprint: 'f', holdsRows: false };
  known.found(empty);
  assert.deepEqual(known.now, empty);
  known.landed('t-v1');
  assert.deepEqual(known.now, { ...empty, holdsRows: true });
});

test('one that tells topics apart holds those that have landed, beside those that it held', () => {
  const known = new KnownDestination();
  const folder = { name: 'a folder', fingerprint: 'f', holdsRows: true, topics: ['t-v1'] };
  known.found(folder);
  known.landed('t-v2');
  known.landed('t-v1');
  assert.deepEqual(known.now, { ...folder, topics: ['t-v1', 't-v2'] });
});
