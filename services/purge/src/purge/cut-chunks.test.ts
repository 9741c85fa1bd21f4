import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { idsFrom } from '../testing/purge-world.ts';
import { cutChunks, isOversized, lotRows } from './cut-chunks.ts';

test('chunks grow from what was measured, and no further than may be tried in one lot', () => {
  const sizes = cutChunks(idsFrom(1, 2_000), { chunkRows: 100, mostChunkRows: 20_000 }).map(
    ({ length }) => length,
  );
  assert.deepEqual(sizes, [100, 200, 400, 400, 400, 400, 100]);
  assert.ok(sizes.every((rows) => !isOversized(rows, 100)));
  assert.ok(isOversized(400, 50));
});

test('every id is in one chunk, and none has more rows than a chunk may', () => {
  fc.assert(
    fc.property(
      fc.nat(5_000),
      fc.integer({ min: 1, max: 3_000 }),
      fc.integer({ min: 1, max: 3_000 }),
      (rows, chunkRows, mostChunkRows) => {
        const ids = idsFrom(1, rows);
        const chunks = cutChunks(ids, { chunkRows, mostChunkRows });
        assert.deepEqual(chunks.flat(), ids);
        assert.ok(chunks.every(({ length }) => length > 0 && length <= mostChunkRows));
      },
    ),
  );
});

test('a lot has time for the next one to be prepared, and an end', () => {
  assert.equal(lotRows(100), 8_000);
  assert.equal(lotRows(20_000), 200_000);
});
