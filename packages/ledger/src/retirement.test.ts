import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decodeEntry } from './codec.ts';
import { type Retirement, retirementMessage } from './retirement.ts';
import { decodeLedger } from './state.ts';

const RETIREMENT: Retirement = {
  topic: 'beta.log_scores-v1',
  successor: 'beta.log_scores-v2',
  ends: [100, 0],
  groups: [
    { group: 'sink-file.beta.log_scores-v1', committed: [101, -1], metadata: ['{"v":1}', ''] },
  ],
  atMs: 1_700_000_000_000,
  by: 'somebody@host',
};

test('a retirement is read as it was written, under a key that says of which topic', () => {
  const { key, value } = retirementMessage(RETIREMENT);
  assert.equal(key.toString(), 'retired:beta.log_scores-v1');
  const { retired } = decodeLedger([{ key, value, where: 'ledger[0] offset 1' }]);
  assert.deepEqual([...retired], [[RETIREMENT.topic, RETIREMENT]]);
});

test('one under another topic’s key, or none at all, stops', () => {
  const { key, value } = retirementMessage(RETIREMENT);
  for (const [at, what] of [
    [Buffer.from('retired:other'), value],
    [key, value.subarray(0, 9)],
    [key, null],
  ] as const) {
    assert.throws(() => decodeEntry(at, what, 'ledger[0] offset 1'), { code: 'ledger-unknown' });
  }
});
