import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Block } from './block.ts';
import { checkColumns, type Column, columnsOf } from './columns.ts';
import { MYSQL } from './mysql-types.ts';
import { RowEncoder } from './row-encoder.ts';
import { checkTable } from './sql-columns.ts';
import { encodedRows } from './testing/encoded-row.ts';
import { decodeLogScore } from './testing/log-score.ts';
import { poolRow } from './testing/pool-rows.ts';
import { type Cell, column, POOL_COLUMNS, rowImage } from './testing/row-image.ts';
import { resultFields, sqlColumns, valuePacket } from './testing/value-packet.ts';
import { entryOf } from './testing/zongji-rows.ts';
import { ValueEncoder } from './value-encoder.ts';
import { DatumWalker } from './walk-datum.ts';

const OTHERS: readonly { readonly one: Column; readonly cell: fc.Arbitrary<Cell> }[] = [
  {
    one: column('count', MYSQL.LONGLONG),
    cell: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  },
  { one: column('level', MYSQL.TINY, { unsigned: true }), cell: fc.bigInt({ min: 0n, max: 255n }) },
  { one: column('ratio', MYSQL.DOUBLE), cell: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  {
    one: column('süß', MYSQL.BLOB, { charset: 'utf8mb4', lengthBytes: 2 }),
    cell: fc.string({ unit: 'grapheme', maxLength: 400 }).map((text) => Buffer.from(text)),
  },
  {
    one: column('raw', MYSQL.BLOB, { lengthBytes: 4 }),
    cell: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  },
];

/** The pool's columns with some others among them, and two rows. */
const anyTable = fc
  .tuple(
    fc.shuffledSubarray([...OTHERS]),
    fc.array(fc.nat({ max: 9 }), { minLength: 5, maxLength: 5 }),
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
  });

/** As the table map has them. */
function kept(columns: readonly Column[]): Column[] {
  return columnsOf(entryOf(columns), 'keep');
}

function fromBinlog(columns: readonly Column[], rows: readonly (readonly Cell[])[]) {
  const images = Buffer.concat(rows.map((row) => rowImage(columns, row)));
  const encoder = new RowEncoder(kept(columns));
  const block = new Block(16, 1);
  for (let at = 0; at < images.length;) at = encoder.encode(images, at, images.length, block);
  return encodedRows(block);
}

function fromSelect(columns: readonly Column[], rows: readonly (readonly Cell[])[]) {
  const encoder = new ValueEncoder(sqlColumns(columns), { unknownColumns: 'keep' });
  assert.deepEqual(encoder.problems(resultFields(columns)), []);
  const block = new Block(16, 1);
  for (const row of rows) {
    const packet = valuePacket(columns, row);
    encoder.encode(packet, 0, packet.length, block);
  }
  return encodedRows(block);
}

function textOf({ charset }: Column, cell: Cell): string {
  if (Buffer.isBuffer(cell)) {
    return charset === null ? cell.toString('hex').toUpperCase() : cell.toString();
  }
  assert.ok(typeof cell === 'bigint' || typeof cell === 'number');
  return Object.is(cell, -0) ? '-0' : String(cell);
}

test('other columns are kept, wherever they stand, the same from binlog and SELECT', () => {
  const walker = new DatumWalker();
  const [plain] = fromBinlog(POOL_COLUMNS, [poolRow()]);
  fc.assert(
    fc.property(anyTable, ({ columns, rows }) => {
      const encoded = fromBinlog(columns, rows);
      assert.deepStrictEqual(fromSelect(columns, rows), encoded);
      for (const [index, { datum }] of encoded.entries()) {
        walker.walk(datum, 0, datum.length);
        // Behind what the record has without them.
        assert.deepEqual(datum.subarray(0, walker.extraAt), plain!.datum.subarray(0, -1));
        const others = columns.flatMap((one, at) => {
          const cell = rows[index as 0 | 1][at] as Cell;
          if (POOL_COLUMNS.includes(one) || cell === null) return [];
          return [[one.name, textOf(one, cell)]];
        });
        // In the order of the table.
        assert.deepEqual(Object.entries(decodeLogScore(datum).extra), others);
      }
    }),
  );
});

const MOOD = column('mood', MYSQL.VARCHAR, { charset: 'utf8mb4', lengthBytes: 1 });

test('a value that is none of its type stops, and names row and column, and leaves the block', () => {
  const columns = [...POOL_COLUMNS, MOOD];
  const bad = [...poolRow(), Buffer.from([0xff])];
  assert.throws(
    () => fromBinlog(columns, [bad]),
    /^RowError: row 5, column mood: its bytes are no/,
  );
  assert.throws(
    () => fromSelect(columns, [bad]),
    /^RowError: row 5, column mood: its bytes are no/,
  );
  const encoder = new RowEncoder(kept(columns));
  const block = new Block();
  const image = rowImage(columns, bad);
  assert.throws(() => encoder.encode(image, 0, image.length, block));
  assert.deepEqual([block.rows, block.byteLength], [0, 0]);
});

test('a row that ends within a kept column is told by its name', () => {
  const columns = [...POOL_COLUMNS, MOOD];
  const row = [...poolRow(), Buffer.from('good')];
  const image = rowImage(columns, row);
  const packet = valuePacket(columns, row);
  const block = new Block();
  const binlog = new RowEncoder(kept(columns));
  const select = new ValueEncoder(sqlColumns(columns), { unknownColumns: 'keep' });
  for (const cut of [1, 4, 5]) {
    assert.throws(() => binlog.encode(image, 0, image.length - cut, block), /column mood: the row/);
    assert.throws(
      () => select.encode(packet, 0, packet.length - cut, block),
      /column mood: the row/,
    );
  }
});

test('what cannot be kept is refused by its name, and so is what may be a known column', () => {
  const place = column('place', MYSQL.GEOMETRY, { lengthBytes: 4 });
  const [problem, ...more] = checkColumns(kept([...POOL_COLUMNS, place, MOOD]));
  assert.match(
    problem ?? '',
    /^column place is of binlog type 255, which cannot be kept; kept are/,
  );
  assert.deepEqual(more, []);
  const without = POOL_COLUMNS.filter(({ name }) => name !== 'rtt');
  assert.deepEqual(checkColumns(kept([...without, MOOD])), [
    'column rtt is missing, and may be what is now mood',
  ]);
  const sql = sqlColumns(POOL_COLUMNS);
  const document = { name: 'document', dataType: 'json', unsigned: false };
  const id = { name: 'of', dataType: 'binary', unsigned: false };
  const problems = checkTable([...sql, document, id], 'keep');
  assert.match(problems[0] ?? '', /^column document is json, stored in MySQL's.*; kept are/);
  assert.match(problems[1] ?? '', /^column of is char with character set binary, which cannot be/);
  const choice = { name: 'choice', dataType: 'enum', unsigned: false, charset: 'latin1' };
  assert.deepEqual(checkTable([...sql, choice], 'keep'), []);
});

test('a kept text that is stored in another character set from one result to the next is seen', () => {
  const columns = [...POOL_COLUMNS, column('note', MYSQL.BLOB, { charset: 'utf8mb4' })];
  const encoder = new ValueEncoder(sqlColumns(columns), { unknownColumns: 'keep' });
  assert.deepEqual(encoder.problems(resultFields(columns, 45)), []);
  assert.equal(encoder.problems(resultFields(columns, 33)).length, 2);
});
