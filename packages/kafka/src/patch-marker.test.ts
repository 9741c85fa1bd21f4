import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertPatched } from './patch-marker.ts';

test('the kafkajs that is installed carries the patch', () => {
  assertPatched();
});

for (const found of [undefined, 3, 5]) {
  test(`kafkajs with ${found === undefined ? 'no patch' : `patch ${found}`} is refused, with the remedy`, () => {
    assert.throws(() => assertPatched(found === undefined ? null : found), {
      code: 'kafkajs-unpatched',
      remedy: /patches\/ before npm ci.*--ignore-scripts/,
    });
  });
}
