import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { comparePositions } from './position.ts';

const position = fc.record({
  number: fc.integer({ min: 1, max: 3_000_000 }),
  offset: fc.integer({ min: 4, max: 2 ** 40 }),
});
const named = ({ number, offset }: { number: number; offset: number }) => ({
  file: `binlog.${String(number).padStart(6, '0')}`,
  offset,
});

test('positions compare by file number, then by offset', () => {
  fc.assert(
    fc.property(position, position, (a, b) => {
      const expected = Math.sign(a.number - b.number) || Math.sign(a.offset - b.offset);
      assert.equal(Math.sign(comparePositions(named(a), named(b))), expected);
    }),
  );
});

for (const [what, a, b] of [
  ['a file whose number has gained a digit', ['binlog.999999', 900], ['binlog.1000000', 4]],
  ['an offset with more digits', ['binlog.000001', 999], ['binlog.000001', 1000]],
  ['a file of a server whose log was renamed', ['mysql-bin.000009', 4], ['binlog.000010', 4]],
] as const) {
  test(`${what} comes after`, () => {
    const [before, after] = [a, b].map(([file, offset]) => ({ file, offset }));
    assert.ok(comparePositions(before!, after!) < 0);
    assert.ok(comparePositions(after!, before!) > 0);
  });
}

for (const file of ['', 'binlog', 'binlog.index', 'binlog.', 'binlog.1x']) {
  test(`"${file}" is no binlog file, and is not compared`, () => {
    const known = { file: 'binlog.000001', offset: 4 };
    assert.throws(() => comparePositions({ file, offset: 4 }, known), /not a binlog file/);
  });
}
