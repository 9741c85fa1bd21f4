import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { bucketMessage } from './bucket-codec.ts';
import type { Bucket } from './bucket.ts';
import { CapturedIds } from './captured-ids.ts';
import { decodeEntry } from './codec.ts';
import { BUCKET_IDS } from './id-bits.ts';

const TOPIC = 'log_scores-v1';

/** As the ledger topic keeps it: the last value of each key, out of bytes. */
function reread(written: CapturedIds, kept = new Map<number, Bucket>()): Map<number, Bucket> {
  for (const bucket of written.changed) {
    const { key, value } = bucketMessage(bucket);
    const entry = decodeEntry(key, value, 'here');
    assert.equal(entry.kind, 'bucket');
    if (entry.kind === 'bucket') kept.set(entry.bucket.number, entry.bucket);
  }
  written.committed();
  return kept;
}

const id = fc.oneof(
  fc.integer({ min: 1, max: 300_000 }),
  fc.constantFrom(BUCKET_IDS - 1, BUCKET_IDS, BUCKET_IDS + 1, 2 ** 40, Number.MAX_SAFE_INTEGER),
);

test('the set is exact, whatever is added, kept out, written and read again', () => {
  const step = fc.record({
    kind: fc.constantFrom('add', 'exclude', 'commit', 'crash'),
    ids: fc.array(id, { maxLength: 20 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let live = new CapturedIds();
      const kept = new Map<number, Bucket>();
      let captured = new Set<number>();
      let excluded = new Set<number>();
      let committed = { captured: new Set<number>(), excluded: new Set<number>() };
      const commit = () => {
        reread(live, kept);
        committed = { captured: new Set(captured), excluded: new Set(excluded) };
      };
      for (const { kind, ids } of steps) {
        for (const one of ids) {
          const isKnown = captured.has(one) || excluded.has(one);
          assert.equal(live.has(one), isKnown);
          assert.equal(live.isExcluded(one), excluded.has(one));
          if (kind === 'exclude') {
            assert.equal(live.exclude(one), !isKnown);
            if (!isKnown) excluded.add(one);
          } else {
            assert.equal(live.add(one), !isKnown);
            if (!isKnown) captured.add(one);
          }
        }
        if (kind === 'commit') commit();
        if (kind !== 'crash') continue;
        // What was not committed is gone; the rest is read from what was written.
        live = new CapturedIds([...kept.values()]);
        kept.clear();
        for (const bucket of live.buckets.values()) kept.set(bucket.number, copy(bucket));
        captured = new Set(committed.captured);
        excluded = new Set(committed.excluded);
      }
      assert.equal(live.count, captured.size);
      assert.equal(live.excluded, excluded.size);
      assert.equal(live.maxId, Math.max(0, ...captured, ...excluded));
      for (const one of captured) assert.ok(live.has(one));
    }),
  );
});

function copy(bucket: Bucket): Bucket {
  const { key, value } = bucketMessage(bucket);
  const entry = decodeEntry(key, value, 'here');
  if (entry.kind !== 'bucket') throw new Error('no bucket');
  return entry.bucket;
}

test('a bucket fills to its last id, and is then flagged in no bytes', () => {
  const ids = new CapturedIds();
  const all = Float64Array.from({ length: BUCKET_IDS }, (_, low) => BUCKET_IDS + low);
  assert.equal(ids.addAll(all, 0, all.length), -1);
  const bucket = ids.buckets.get(1)!;
  assert.ok(bucket.captured.full);
  assert.equal(bucket.captured.encode().length, 0);
  assert.equal(ids.has(BUCKET_IDS - 1), false);
  assert.equal(ids.has(2 * BUCKET_IDS), false);
  const [again] = reread(ids).values();
  assert.ok(again!.captured.full);
  assert.ok(again!.captured.has(BUCKET_IDS - 1));
});

test('the first row that is known already is named, and those before it are added', () => {
  const ids = new CapturedIds();
  assert.ok(ids.add(7));
  assert.equal(ids.addAll(Float64Array.of(5, 6, 7, 8), 0, 4), 2);
  assert.deepEqual(
    [5, 6, 7, 8].map((one) => ids.has(one)),
    [true, true, true, false],
  );
});

test('only buckets of the transaction at hand are written', () => {
  const ids = new CapturedIds();
  ids.add(1);
  ids.add(BUCKET_IDS);
  assert.deepEqual(
    [...ids.changed].map(({ number }) => number),
    [0, 1],
  );
  ids.committed();
  assert.equal(ids.changed.size, 0);
  ids.add(BUCKET_IDS + 1);
  assert.deepEqual(
    [...ids.changed].map(({ number }) => number),
    [1],
  );
});

test('a bucket knows its first and last offset in each partition of each topic', () => {
  const ids = new CapturedIds();
  ids.add(1);
  ids.wrote(0, TOPIC, 2, 100, 110);
  ids.wrote(0, TOPIC, 0, 7, 8);
  ids.wrote(0, TOPIC, 2, 200, 250);
  ids.wrote(0, 'log_scores-v2', 0, 0, 1);
  const offsets = { first: [7, -1, 100], end: [8, -1, 250] };
  assert.deepEqual(ids.buckets.get(0)!.offsets.get(TOPIC), offsets);
  const [read] = reread(ids).values();
  assert.deepEqual(Object.keys(Object.fromEntries(read!.offsets)), [TOPIC, 'log_scores-v2']);
  assert.deepEqual({ ...read!.offsets.get(TOPIC) }, offsets);
});
