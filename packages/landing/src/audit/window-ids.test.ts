import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BUCKET_IDS, CapturedIds } from '@scoreline/ledger';
import fc from 'fast-check';

import { IdList } from './id-list.ts';
import { KnownBuckets } from './known-buckets.ts';
import { UnknownIds } from './unknown-ids.ts';
import { WindowIds } from './window-ids.ts';

function capturedOf(ids: Iterable<number>, excluded: Iterable<number> = []): CapturedIds {
  const captured = new CapturedIds();
  for (const id of ids) captured.add(id);
  for (const id of excluded) captured.exclude(id);
  return captured;
}

/** Ids of three buckets, and of the edges between them. */
const id = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: BUCKET_IDS - 20, max: BUCKET_IDS + 20 }),
  fc.integer({ min: 2 * BUCKET_IDS, max: 2 * BUCKET_IDS + 40 }),
  fc.integer({ min: 5 * BUCKET_IDS, max: 5 * BUCKET_IDS + 40 }),
);

function compare(
  captured: CapturedIds,
  chosen: Iterable<number>,
  held: readonly number[],
  floor = 0,
) {
  const known = new KnownBuckets(captured, floor);
  const others = new UnknownIds();
  const window = new WindowIds(known, new Set(chosen), others);
  window.see(Float64Array.from(held.slice(0, held.length >> 1)));
  window.see(held.slice(held.length >> 1));
  const [missing, doubled, unknown] = [new IdList(), new IdList(), new IdList()];
  const unclean = window.end({ missing, doubled });
  for (const number of others.end(known, unknown)) unclean.add(number);
  const ids = { missing: expand(missing), doubled: expand(doubled), unknown: expand(unknown) };
  return { ...ids, unclean: [...unclean].sort((a, b) => a - b) };
}

function expand({ ranges }: IdList): number[] {
  return ranges.flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

test('what is missing, doubled and unknown is what sets say, whatever the order', () => {
  const buckets = fc.subarray([0, 1, 2]);
  fc.assert(
    fc.property(
      fc.uniqueArray(id),
      fc.uniqueArray(id),
      fc.array(id),
      buckets,
      fc.constantFrom(0, 10, BUCKET_IDS),
      (ids, without, held, wanted, floor) => {
        const excluded = without.filter((one) => !ids.includes(one));
        const captured = capturedOf(ids, excluded);
        const chosen = new Set(wanted.filter((number) => captured.buckets.has(number)));
        const of = (one: number) => Math.floor(one / BUCKET_IDS);
        const ascending = (all: Iterable<number>) => [...new Set(all)].sort((a, b) => a - b);
        const missing = ids.filter((one) => chosen.has(of(one)) && !held.includes(one));
        const doubled = ids.filter(
          (one) => chosen.has(of(one)) && held.filter((other) => other === one).length > 1,
        );
        const unknown = held.filter(
          (one) =>
            one >= floor &&
            !captured.has(one) &&
            (chosen.has(of(one)) || !captured.buckets.has(of(one))),
        );
        assert.deepEqual(compare(captured, chosen, held, floor), {
          missing: ascending(missing),
          doubled: ascending(doubled),
          unknown: ascending(unknown),
          unclean: ascending([...missing, ...doubled, ...unknown].map(of)),
        });
      },
    ),
  );
});

test('a full bucket is compared too', () => {
  const all = Array.from({ length: BUCKET_IDS }, (_, i) => i);
  const captured = capturedOf(all);
  assert.deepEqual(compare(captured, [0], all).unclean, []);
  assert.deepEqual(compare(captured, [0], all.slice(1)).missing, [0]);
  assert.deepEqual(compare(captured, [0], [...all, 77]).doubled, [77]);
});

test('an id that was captured since the ledger was read is not unknown', () => {
  const others = new UnknownIds();
  for (const one of [5, 6, 7]) others.add(one);
  const unknown = new IdList();
  const unclean = others.end(new KnownBuckets(capturedOf([5, 7]), 0), unknown);
  assert.deepEqual([unknown.ranges, [...unclean]], [['6'], [0]]);
});

test('unknown ids in more buckets than are kept are counted, and not forgiven', () => {
  const others = new UnknownIds(2);
  for (const number of [9, 3, 4, 4, 8]) others.add(number * BUCKET_IDS);
  const unknown = new IdList();
  others.end(new KnownBuckets(capturedOf([]), 0), unknown);
  assert.deepEqual(unknown.ranges, [`${3 * BUCKET_IDS}`, `${9 * BUCKET_IDS}`]);
  assert.deepEqual([unknown.count, unknown.unnamed], [5, 3]);
});

test('a bucket is not clean either when of its unknown ids only the number is kept', () => {
  const captured = capturedOf([1, BUCKET_IDS]);
  const window = new WindowIds(new KnownBuckets(captured, 0), new Set([0, 1]), new UnknownIds(1));
  window.see([1, 2, BUCKET_IDS, BUCKET_IDS + 1]);
  const unclean = window.end({ missing: new IdList(), doubled: new IdList() });
  assert.deepEqual([...unclean], [1], 'the other one is told by the ids that are kept');
});
