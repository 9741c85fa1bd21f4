import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseIdRange } from './id-range.ts';

test('a range of ids is two numbers, the smaller first', () => {
  assert.deepEqual(parseIdRange('5-17'), { from: 5, to: 17 });
  for (const text of ['', '5', '-5', '17-5', '5-17-20', 'a-b', '1-99999999999999999999']) {
    assert.equal(parseIdRange(text), null, text);
  }
});
