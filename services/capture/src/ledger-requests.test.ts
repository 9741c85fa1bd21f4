import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { LedgerMessage } from '@scoreline/ledger';
import fc from 'fast-check';

import { ledgerRequests } from './ledger-requests.ts';

test('every message goes out once, in order, in requests that a topic takes', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 30 });
  fc.assert(
    fc.property(sizes, (lengths) => {
      const messages = lengths.map((length): LedgerMessage => ({
        key: Buffer.alloc(1),
        value: Buffer.alloc(length),
      }));
      const requests = [...ledgerRequests(messages)];
      assert.deepEqual(requests.flat(), messages);
      for (const request of requests) {
        const bytes = request.reduce((sum, { value }) => sum + value.length, 0);
        assert.ok(request.length > 0 && bytes <= 500_000, `${bytes} bytes`);
      }
    }),
    { numRuns: 50 },
  );
});
