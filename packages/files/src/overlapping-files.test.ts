import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { fileToRead } from './overlapping-files.ts';

interface File {
  readonly firstId: number;
  readonly ids: readonly number[];
}

interface Run {
  /** Rows that are inserted before it. */
  readonly inserted: number;
  /** Where it fails: after all rows were written, or after some of them. */
  readonly fails: 'not' | 'whole' | number;
}

const LIMIT = 12;

/**
 * What the archiver leaves: each run writes what is committed behind the watermark, by id, and moves that. Some
 * transactions are open for a few runs more. Of one batch it dies but once within a file.
 */
function leaves(runs: readonly Run[], delays: ReadonlyMap<number, number>): File[] {
  const files = new Map<number, File>();
  const committedAt: number[] = [];
  let [watermark, hasFailed] = [0, false];
  for (const [at, { inserted, fails }] of runs.entries()) {
    for (let i = 0; i < inserted; i++) {
      committedAt.push(at + (delays.get(committedAt.length + 1) ?? 0));
    }
    const ids = committedAt.flatMap((when, index) => (when <= at ? [index + 1] : []));
    const rows = ids.filter((id) => id > watermark).slice(0, LIMIT);
    const [firstId] = rows;
    if (firstId === undefined) continue;
    const isCut = typeof fails === 'number' && !hasFailed;
    files.set(firstId, { firstId, ids: isCut ? rows.slice(0, fails) : rows });
    hasFailed = fails !== 'not';
    if (!hasFailed) watermark = rows.at(-1)!;
  }
  return [...files.values()].sort((a, b) => a.firstId - b.firstId);
}

const run = fc.record({
  inserted: fc.nat(6),
  fails: fc.oneof(fc.constantFrom('not' as const, 'whole' as const), fc.nat(LIMIT)),
});
const history = fc
  .tuple(
    fc.array(run, { minLength: 3, maxLength: 12 }),
    // Fewer than a batch has.
    fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 4 })), {
      maxLength: LIMIT - 1,
    }),
  )
  .map(([runs, delays]) => leaves(runs, new Map(delays)));

/** It failed twice, and late commits came in between: 4 is in the first file alone, below two that end sooner. */
const NESTED: readonly File[] = [
  { firstId: 1, ids: [1, 2, 3, 4] },
  { firstId: 2, ids: [2, 3] },
  { firstId: 3, ids: [3] },
];

/** Reads what has to be read, and knows of other files nothing but their names. */
function readFor(files: readonly File[], minId: number, maxId: number): ReadonlySet<File> {
  const read = new Set<File>();
  for (;;) {
    const next = fileToRead(files, { minId, maxId }, (file) =>
      read.has(file) ? Math.max(-1, ...file.ids) : undefined,
    );
    if (next === null) return read;
    assert.ok(!read.has(next));
    read.add(next);
  }
}

test('whatever the archiver has left, every id between two is in a file that is read', () => {
  fc.assert(
    fc.property(history, fc.nat(50), fc.nat(50), (files, a, b) => {
      const [min, max] = [Math.min(a, b), Math.max(a, b)];
      const between = (all: Iterable<File>) =>
        [...all].flatMap(({ ids }) => ids).filter((id) => id >= min && id <= max);
      const read = readFor(files, min, max);
      const known = new Set(between(read));
      for (const id of between(files)) assert.ok(known.has(id), `${id} is in a file`);
      for (const { firstId } of read) assert.ok(firstId <= max);
    }),
    { numRuns: 1000, examples: [[[...NESTED], 3, 4]] },
  );
});

test('whatever the archiver has left, the highest id is in a file that is read for it', () => {
  fc.assert(
    fc.property(history, (files) => {
      const read = readFor(files, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
      const highest = (all: Iterable<File>) => Math.max(-1, ...[...all].flatMap(({ ids }) => ids));
      assert.equal(highest(read), highest(files));
    }),
    { numRuns: 1000 },
  );
});

test('of files that do not overlap those are read that may have the ids, and one before them', () => {
  const files = [1, 11, 21, 31, 41].map((firstId) => ({ firstId, ids: [firstId, firstId + 9] }));
  const read = (min: number, max: number) =>
    [...readFor(files, min, max)].map(({ firstId }) => firstId).sort((x, y) => x - y);
  assert.deepEqual(read(25, 27), [11, 21]);
  assert.deepEqual(read(25, 31), [11, 21, 31]);
  assert.deepEqual(read(3, 4), [1]);
  assert.deepEqual(read(0, 0), []);
});
