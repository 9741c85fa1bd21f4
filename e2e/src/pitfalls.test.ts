import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { MUTANTS } from './mutants/mutants.ts';
import { type Pitfall, pitfallsOf } from './mutants/pitfall-table.ts';

const ROOT = new URL('../../', import.meta.url);

const pitfalls = pitfallsOf(await readFile(new URL('docs/8-pitfalls.md', ROOT), 'utf8'));

function mutantsOf({ id }: Pitfall) {
  return MUTANTS.filter((mutant) => mutant.pitfalls.includes(id));
}

const numbered = (letter: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${letter}${from + i}`);

test('every pitfall that capture or landing meets is in the table, once', () => {
  const ids = pitfalls.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const met = [
    ...numbered('K', 1, 24),
    ...numbered('Z', 1, 17),
    ...numbered('X', 1, 19),
    ...numbered('C', 1, 12),
    ...numbered('G', 1, 7),
    ...numbered('S', 1, 9),
    ...numbered('B', 1, 14),
    ...numbered('Q', 1, 3),
  ];
  assert.deepEqual(
    met.filter((id) => !ids.includes(id)),
    [],
  );
});

test('the table names guards and tests that are there', async () => {
  for (const { id, guards, tests } of pitfalls) {
    assert.ok(guards.length > 0, `${id} names no guard`);
    assert.ok(tests.length > 0, `${id} names no test`);
    for (const file of [...guards, ...tests]) {
      await assert.doesNotReject(access(new URL(file, ROOT)), `${id} names ${file}`);
    }
  }
});

test('every pitfall has a mutant, or says why none can be made, and its tests are those that show it', () => {
  for (const pitfall of pitfalls) {
    const { id, tests, noMutant } = pitfall;
    const shown = mutantsOf(pitfall).map(({ shownBy }) =>
      shownBy.replace('/dist/', '/src/').replace(/\.js$/, '.ts'),
    );
    assert.equal(shown.length > 0, noMutant === null, `${id}: mutants, or a reason for none`);
    if (noMutant === null)
      assert.deepEqual([...tests].toSorted(), [...new Set(shown)].toSorted(), id);
  }
});

test('a row may say why no mutant can be made of it', () => {
  const row =
    '| K99 | pitfall | loss | `a/guard.ts` | `b/c.test.ts`, no mutant: it takes three brokers |';
  assert.deepEqual(pitfallsOf(`| # | pitfall |\n${row}\n`), [
    {
      id: 'K99',
      guards: ['a/guard.ts'],
      tests: ['b/c.test.ts'],
      noMutant: 'it takes three brokers',
    },
  ]);
});

test('every mutant of a pitfall is of one that the table has', () => {
  const ids = new Set(pitfalls.map(({ id }) => id));
  for (const { name, pitfalls: of } of MUTANTS) {
    for (const id of of) assert.ok(ids.has(id), `${name} is of ${id}`);
  }
});
