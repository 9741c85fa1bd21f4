import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BUCKET_IDS, CapturedIds } from '@scoreline/ledger';
import fc from 'fast-check';

import { activeSink, evidenceOf, landed } from '../testing/proofs.ts';
import { landedIn, lastLanded } from './last-landed.ts';

const TOPIC = 'log_scores-v1';

/** Two buckets, of whose rows the first ones' are at offsets 0 to 9, the others' at 10 to 19. */
function captured(...ids: number[]): CapturedIds {
  const set = new CapturedIds();
  for (const id of ids) {
    set.add(id);
    const bucket = Math.floor(id / BUCKET_IDS);
    set.wrote(bucket, TOPIC, 0, bucket * 10, bucket * 10 + 10);
  }
  return set;
}

const a = activeSink('a');
const b = activeSink('b');

test('it is the last id before the first that has not landed', () => {
  const isLanded = (id: number) => id !== 7;
  assert.equal(lastLanded(Float64Array.of(3, 5, 7, 9), isLanded), 5);
  assert.equal(lastLanded(Float64Array.of(7, 9), isLanded), null);
  assert.equal(lastLanded(Float64Array.of(8, 9), isLanded), 9);
  assert.equal(lastLanded(Float64Array.of(), isLanded), null);
});

test('nothing at or below it has not landed, and what comes next has not', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(40)), fc.uniqueArray(fc.nat(40)), (held, missing) => {
      const ids = Float64Array.from(held).sort();
      const last = lastLanded(ids, (id) => !missing.includes(id));
      const below = [...ids].filter((id) => last !== null && id <= last);
      assert.ok(below.every((id) => !missing.includes(id)));
      if (last !== null) assert.ok(held.includes(last));
      const next = ids[below.length];
      assert.ok(next === undefined || missing.includes(next));
    }),
  );
});

test('each sink has landed what it has landed itself, bucket by bucket', () => {
  const evidence = evidenceOf(
    [a, b],
    [landed('a', { committed: 20n }), landed('b', { committed: 19n, logEnd: 20n })],
  );
  const known = captured(1, BUCKET_IDS + 1);
  const inA = landedIn(a, known, evidence);
  const inB = landedIn(b, known, evidence);
  assert.deepEqual([inA(1), inA(BUCKET_IDS + 1)], [true, true]);
  assert.deepEqual([inB(1), inB(BUCKET_IDS + 1)], [true, false]);
});

test('an id that the ledger lacks has not landed, one that a filter kept out holds nothing back', () => {
  const known = captured(1);
  known.exclude(2);
  known.exclude(3 * BUCKET_IDS);
  const isLanded = landedIn(a, known, evidenceOf([a], [landed('a', { committed: 10n })]));
  assert.deepEqual([1, 2, 3, 3 * BUCKET_IDS].map(isLanded), [true, true, false, true]);
  const nowhere = landedIn(a, known, evidenceOf([a], []));
  assert.deepEqual([1, 2].map(nowhere), [false, true]);
});
