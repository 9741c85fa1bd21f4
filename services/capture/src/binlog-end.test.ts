import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { BinlogPosition } from '@scoreline/ledger';

import { requireReached } from './binlog-end.ts';

const at = (file: number, offset: number): BinlogPosition => ({
  file: `binlog.00000${file}`,
  offset,
});

test('a binlog may end where it was captured, or further, and not before', () => {
  const captured = at(3, 500);
  for (const end of [at(3, 500), at(3, 501), at(4, 4)]) requireReached(end, captured);
  for (const end of [at(3, 499), at(2, 9_000), at(1, 4)]) {
    assert.throws(() => requireReached(end, captured), { code: 'binlog-shorter', action: 'retry' });
  }
});
