import assert from 'node:assert/strict';
import { test } from 'node:test';

import avsc from 'avsc';
import fc from 'fast-check';

import { Block } from './block.ts';
import { checkColumns, type Column, columnsOf, optionalOf } from './columns.ts';
import { MYSQL } from './mysql-types.ts';
import { RowEncoder } from './row-encoder.ts';
import { checkTable } from './sql-columns.ts';
import { encodedRows } from './testing/encoded-row.ts';
import { poolRow } from './testing/pool-rows.ts';
import { type Cell, column, POOL_COLUMNS, rowImage } from './testing/row-image.ts';
import { resultFields, sqlColumns, valuePacket } from './testing/value-packet.ts';
import { entryOf } from './testing/zongji-rows.ts';
import { fieldsOf, newest, nextVersion, RELEASED, VERSION_1 } from './topic-version.ts';
import { ValueEncoder } from './value-encoder.ts';
import { DatumError, DatumWalker } from './walk-datum.ts';

const VERSION_2 = nextVersion(VERSION_1, [{ name: 'jitter', family: 'number' }]);
const VERSION_3 = nextVersion(VERSION_2, [{ name: 'hops', family: 'integer' }]);
const type = avsc.Type.forSchema(JSON.parse(VERSION_3.json) as avsc.Schema);

const ADDED: readonly { readonly one: Column; readonly cell: fc.Arbitrary<Cell> }[] = [
  {
    one: column('jitter', MYSQL.DOUBLE),
    cell: fc.double({ noNaN: true, noDefaultInfinity: true }),
  },
  {
    one: column('hops', MYSQL.INT24, { unsigned: true }),
    cell: fc.bigInt({ min: 0n, max: 2n ** 24n - 1n }),
  },
];
const OTHER = { one: column('level', MYSQL.TINY), cell: fc.bigInt({ min: -128n, max: 127n }) };

/** The pool's columns, with some of the added ones and one that has no field among them, and two rows. */
const anyTable = fc
  .tuple(
    fc.subarray([...ADDED, OTHER]),
    fc.array(fc.nat({ max: 9 }), { minLength: 3, maxLength: 3 }),
  )
  .chain(([others, places]) => {
    const all = POOL_COLUMNS.map((one, index) => ({ one, cell: fc.constant(poolRow()[index]!) }));
    for (const [index, { one, cell }] of others.entries()) {
      all.splice(places[index]!, 0, { one, cell: fc.option(cell, { freq: 3 }) as never });
    }
    const row = fc.tuple(...all.map(({ cell }) => cell));
    return fc.record({
      columns: fc.constant(all.map(({ one }) => one)),
      rows: fc.tuple(row, row),
    });
  })
  // A column of another name may be one that is lacking: that is refused.
  .filter(({ columns }) => !columns.includes(OTHER.one) || columns.length === 12);

function fromBinlog(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  version = VERSION_3,
) {
  const images = Buffer.concat(rows.map((row) => rowImage(columns, row)));
  const described = columnsOf(entryOf(columns), 'keep', version);
  const encoder = new RowEncoder(described, { version });
  const block = new Block(16, 1);
  for (let at = 0; at < images.length;) at = encoder.encode(images, at, images.length, block);
  return encodedRows(block);
}

/** A result has the kept column behind the record's, and then the added ones in their order. */
function fromSelect(columns: readonly Column[], rows: readonly (readonly Cell[])[]) {
  const options = { unknownColumns: 'keep', version: VERSION_3 } as const;
  const encoder = new ValueEncoder(sqlColumns(columns), options);
  const last = ['level', 'jitter', 'hops'];
  const selected = columns.toSorted((a, b) => last.indexOf(a.name) - last.indexOf(b.name));
  assert.deepEqual(encoder.problems(resultFields(selected)), []);
  const block = new Block(16, 1);
  for (const row of rows) {
    const packet = valuePacket(
      selected,
      selected.map((one) => row[columns.indexOf(one)]!),
    );
    encoder.encode(packet, 0, packet.length, block);
  }
  return encodedRows(block);
}

test('added columns stand behind what version 1 has, wherever they are, the same from binlog and SELECT', () => {
  const walker = new DatumWalker(VERSION_3);
  fc.assert(
    fc.property(anyTable, ({ columns, rows }) => {
      const encoded = fromBinlog(columns, rows);
      assert.deepStrictEqual(fromSelect(columns, rows), encoded);
      const without = columns.filter((one) => ADDED.every((added) => added.one !== one));
      const before = fromBinlog(
        without,
        rows.map((row) => without.map((one) => row[columns.indexOf(one)] as Cell)),
        VERSION_1,
      );
      for (const [index, { datum }] of encoded.entries()) {
        const first = before[index]!.datum;
        assert.deepEqual(datum.subarray(0, first.length), first);
        const cells = ADDED.map(({ one }) => rows[index as 0 | 1][columns.indexOf(one)] ?? null);
        const { jitter, hops } = type.fromBuffer(datum) as { jitter: unknown; hops: unknown };
        const numbers = cells.map((cell) => (cell === null ? null : Number(cell)));
        assert.ok(Object.is(jitter, numbers[0]) && hops === numbers[1]);
        walker.walk(datum, 0, datum.length);
        const trailing = cells.length - (cells.findLastIndex((cell) => cell !== null) + 1);
        assert.equal(walker.valuesEnd, datum.length - trailing);
      }
    }),
  );
});

test('a datum of one version is none of another', () => {
  const [one] = fromBinlog(POOL_COLUMNS, [poolRow()], VERSION_1);
  const [two] = fromBinlog(POOL_COLUMNS, [poolRow()], VERSION_2);
  const [oldest, newer] = [new DatumWalker(), new DatumWalker(VERSION_2)];
  assert.throws(() => newer.walk(one!.datum, 0, one!.datum.length), DatumError);
  assert.throws(() => oldest.walk(two!.datum, 0, two!.datum.length), /1 bytes too many/);
});

test('a table may lack what was added, and must have it as a number', () => {
  const [jitter] = ADDED;
  assert.deepEqual(checkColumns(POOL_COLUMNS, VERSION_2), []);
  assert.deepEqual(checkColumns([...POOL_COLUMNS, jitter!.one], VERSION_2), []);
  assert.match(checkColumns([...POOL_COLUMNS, jitter!.one]).join(), /jitter .* is not in the/);
  assert.deepEqual(checkTable(sqlColumns([...POOL_COLUMNS, jitter!.one]), 'stop', VERSION_2), []);
  const text = column('jitter', MYSQL.BLOB, { charset: 'utf8mb4' });
  assert.deepEqual(checkColumns([...POOL_COLUMNS, text], VERSION_2), [
    'column jitter is text; accepted is double or float',
  ]);
  // One that was there and is gone is told by its name.
  assert.ok(optionalOf([jitter!.one], VERSION_2).includes('jitter'));
  assert.ok(!optionalOf([jitter!.one]).includes('jitter'));
});

test('a version has the fields of those before it, and its own behind them', () => {
  const fields = (JSON.parse(VERSION_3.json) as { fields: { name: string }[] }).fields;
  assert.deepEqual(
    fields.map(({ name }) => name),
    fieldsOf(VERSION_3).map(({ field }) => field),
  );
  assert.deepEqual(fieldsOf(VERSION_3).slice(0, -1), fieldsOf(VERSION_2));
  assert.deepEqual([VERSION_2.number, VERSION_3.number], [2, 3]);
  assert.equal(newest([VERSION_1, VERSION_2]), VERSION_2);
  assert.deepEqual(RELEASED, [VERSION_1]);
});
