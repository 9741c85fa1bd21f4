import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BUCKET_IDS, CapturedIds } from '@scoreline/ledger';
import fc from 'fast-check';

import { backfillBuckets, IdRanges } from './backfill-ids.ts';

function setOf(ids: readonly number[]): CapturedIds {
  const set = new CapturedIds();
  for (const id of ids) set.add(id);
  return set;
}

function tableOf(ids: readonly number[]) {
  const sorted = ids.toSorted((a, b) => a - b);
  return {
    ids: async (from: number, to: number) =>
      Float64Array.from(sorted.filter((id) => id >= from && id <= to)),
    firstId: async (from: number) => sorted.find((id) => id >= from) ?? null,
  };
}

/** Ids around the ends of a few buckets, far from each other. */
const anId = fc
  .tuple(fc.constantFrom(0, 1, 2, 900), fc.nat(6), fc.boolean())
  .map(
    ([bucket, low, isLast]) => (bucket + (isLast ? 1 : 0)) * BUCKET_IDS + low - (isLast ? 7 : 0),
  );
const someIds = fc.uniqueArray(
  anId.filter((id) => id > 0),
  { maxLength: 40 },
);

test('every id of a range is to be published, gone, left or there: as the three sets say', async () => {
  await fc.assert(
    fc.asyncProperty(
      someIds,
      someIds,
      someIds,
      someIds,
      fc.tuple(anId, anId),
      async (held, captured, published, excluded, ends) => {
        const [from, to] = ends.toSorted((a, b) => a - b) as [number, number];
        const ledger = setOf(captured.filter((id) => !excluded.includes(id)));
        for (const id of excluded) ledger.exclude(id);
        const isIn = (id: number) => id >= from && id <= to;
        const isCaptured = (id: number) => captured.includes(id) && !excluded.includes(id);
        const isThere = (id: number) => published.includes(id);
        const sets = { captured: ledger, published: setOf(published) };
        const found = { wanted: [] as number[], gone: [] as number[], others: 0, before: 0 };
        for await (const bucket of backfillBuckets(tableOf(held), { from, to }, sets)) {
          found.wanted.push(...bucket.wanted);
          found.gone.push(...bucket.gone);
          found.others += bucket.others;
          found.before += bucket.before;
        }
        const ascending = (ids: readonly number[]) => ids.filter(isIn).toSorted((a, b) => a - b);
        const ours = held.filter(isCaptured);
        assert.deepEqual(found, {
          wanted: ascending(ours.filter((id) => !isThere(id))),
          gone: ascending(
            captured.filter((id) => isCaptured(id) && !held.includes(id) && !isThere(id)),
          ),
          others: ascending(held.filter((id) => !isCaptured(id))).length,
          before: ascending(ours.filter(isThere)).length,
        });
      },
    ),
  );
});

test('ids are named by their ranges, the first of them', () => {
  const ranges = new IdRanges();
  for (const id of [5, 7, 8, 9, 20, 21]) ranges.add(id);
  assert.equal(ranges.text(5), '5, 7-9, 20-21');
  assert.equal(ranges.text(2), '5, 7-9 and 2 more');
});
