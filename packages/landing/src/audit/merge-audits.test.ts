import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Audit } from '@scoreline/ledger';
import fc from 'fast-check';

import { mergeAudits, type Verdicts } from './merge-audits.ts';

const SINCE = { 'log_scores-v1': [0, 5] };

const audit = (from: number, counts: readonly number[], more: Partial<Audit> = {}): Audit => ({
  from,
  counts,
  dest: 'here',
  since: SINCE,
  atMs: 100,
  ...more,
});

const verdicts = (
  clean: readonly (readonly [number, number])[],
  {
    unclean = [] as number[],
    ...more
  }: { unclean?: number[] } & Omit<Partial<Verdicts>, 'unclean'> = {},
): Verdicts => ({
  clean: new Map(clean),
  dest: 'here',
  since: SINCE,
  atMs: 200,
  ...more,
  unclean: new Set(unclean),
});

test('neighbours of the same runs become one, as old as the older', () => {
  assert.deepEqual(mergeAudits([audit(3, [7, 8])], verdicts([[5, 9]])), [audit(3, [7, 8, 9])]);
  assert.deepEqual(mergeAudits([audit(3, [7, 8])], verdicts([[6, 9]])), [
    audit(3, [7, 8]),
    audit(6, [9], { atMs: 200 }),
  ]);
});

test('neighbours of other runs stay apart: each says what was true then', () => {
  const since = { 'log_scores-v1': [0, 50] };
  assert.deepEqual(mergeAudits([audit(3, [7, 8, 9])], verdicts([[4, 80]], { since })), [
    audit(3, [7]),
    audit(4, [80], { since, atMs: 200 }),
    audit(5, [9]),
  ]);
});

test('a bucket that is not clean any more loses what was said of it', () => {
  const merged = mergeAudits([audit(3, [7, 8, 9])], verdicts([], { unclean: [4, 77] }));
  assert.deepEqual(merged, [audit(3, [7]), audit(5, [9])]);
});

test('audits of another destination are forgotten', () => {
  const old = audit(3, [7, 8, 9], { dest: 'there' });
  assert.deepEqual(mergeAudits([old], verdicts([[4, 8]])), [audit(4, [8], { atMs: 200 })]);
});

test('whatever was recorded before, each bucket has the last word that was said of it', () => {
  const step = fc.record({
    clean: fc.uniqueArray(fc.tuple(fc.nat(12), fc.nat(3)), { selector: ([number]) => number }),
    unclean: fc.uniqueArray(fc.nat(12)),
    since: fc.constantFrom(SINCE, { 'log_scores-v1': [9, 5] }),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const model = new Map<number, { count: number; since: Audit['since'] }>();
      let audits: readonly Audit[] = [];
      for (const [at, { clean, unclean, since }] of steps.entries()) {
        const both = new Set(unclean);
        const own = clean.filter(([number]) => !both.has(number));
        for (const [number, count] of own) model.set(number, { count, since });
        for (const number of unclean) model.delete(number);
        audits = mergeAudits(audits, verdicts(own, { unclean, since, atMs: at }));
      }
      const said = audits.flatMap(({ from, counts, since }) =>
        counts.map((count, at) => [from + at, { count, since }] as const),
      );
      const wanted = [...model].sort(([a], [b]) => a - b);
      assert.deepEqual(said, wanted);
    }),
  );
});
