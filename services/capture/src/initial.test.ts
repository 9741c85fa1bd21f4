import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseInitial } from './initial.ts';

for (const [text, expected] of [
  ['now', { mode: 'now' }],
  ['all', { mode: 'all' }],
  ['since:2026-01-31', { mode: 'since', sinceUs: Date.UTC(2026, 0, 31) * 1000 }],
  ['since:2026-01-31T12:30', { mode: 'since', sinceUs: Date.UTC(2026, 0, 31, 12, 30) * 1000 }],
  [
    'since:2026-01-31 12:30:15Z',
    { mode: 'since', sinceUs: Date.UTC(2026, 0, 31, 12, 30, 15) * 1000 },
  ],
] as const) {
  test(`initial=${text}`, () => {
    assert.deepEqual(parseInitial(text), expected);
  });
}

for (const text of [
  '',
  'none',
  'since',
  'since:',
  'since:yesterday',
  'since:2026-13-01',
  'since:20260131',
]) {
  test(`initial=${JSON.stringify(text)} is refused`, () => {
    assert.equal(parseInitial(text), null);
  });
}
