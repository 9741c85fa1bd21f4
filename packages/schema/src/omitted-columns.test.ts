import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Block } from './block.ts';
import { extentOf } from './column-extent.ts';
import { checkColumns, type Column, columnsOf, isKnown } from './columns.ts';
import { MYSQL } from './mysql-types.ts';
import { RowEncoder } from './row-encoder.ts';
import { checkTable } from './sql-columns.ts';
import { encodedRows } from './testing/encoded-row.ts';
import { poolRow } from './testing/pool-rows.ts';
import { column, POOL_COLUMNS, rowImage } from './testing/row-image.ts';

const entry = (type: number, metadata: Readonly<Record<string, number>>) => ({
  columns: [{ name: 'mood', type, charset: null, metadata }],
  columnSchemas: [{}],
});

const EXTENTS: readonly [number, Readonly<Record<string, number>>, string][] = [
  [MYSQL.TINY, {}, '1'],
  [13, {}, '1'],
  [10, {}, '3'],
  [MYSQL.LONGLONG, {}, '8'],
  [MYSQL.FLOAT, { size: 4 }, '4'],
  [19, { decimals: 0 }, '3'],
  [19, { decimals: 3 }, '5'],
  [MYSQL.DATETIME2, { decimals: 6 }, '8'],
  // decimal(10,2), decimal(65,30), decimal(9,9): as MySQL's manual has it.
  [246, { precision: 10, decimals: 2 }, '5'],
  [246, { precision: 65, decimals: 30 }, '30'],
  [246, { precision: 9, decimals: 9 }, '4'],
  [16, { bits: 1 }, '1'],
  [16, { bits: 64 }, '8'],
  [MYSQL.STRING, { type: 247, size: 2 }, '2'],
  [MYSQL.STRING, { type: 248, size: 8 }, '8'],
  [MYSQL.STRING, { max_length: 255 }, 'behind 1'],
  [MYSQL.VARCHAR, { max_length: 256 }, 'behind 2'],
  [MYSQL.BLOB, { length_size: 3 }, 'behind 3'],
  [MYSQL.JSON, { length_size: 4 }, 'behind 4'],
  [255, { length_size: 4 }, 'behind 4'],
  [MYSQL.DATETIME, {}, 'unknown'],
  [MYSQL.TIMESTAMP, {}, 'unknown'],
  [11, {}, 'unknown'],
  [242, { length_size: 4 }, 'unknown'],
  [MYSQL.BLOB, {}, 'unknown'],
];

for (const [type, metadata, expected] of EXTENTS) {
  test(`a value of type ${type} ${JSON.stringify(metadata)} takes ${expected} bytes`, () => {
    const extent = extentOf(type, metadata);
    const said =
      extent === null
        ? 'unknown'
        : extent.bytes > 0
          ? String(extent.bytes)
          : `behind ${extent.lengthBytes}`;
    assert.equal(said, expected);
    const [omitted] = columnsOf(entry(type, metadata), 'omit');
    assert.deepEqual(omitted?.omitted ?? null, extent);
    assert.equal(columnsOf(entry(type, metadata))[0]?.omitted, undefined);
  });
}

/** A column that is passed over, with the bytes of its value; null for NULL. */
const anyOther = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.uint8Array({ maxLength: 300 }), fc.boolean())
  .map(([lengthBytes, bytes, isNull]) => {
    const value = lengthBytes === 1 ? bytes.subarray(0, 255) : bytes;
    const omitted =
      lengthBytes === 0 ? { bytes: value.length + 1, lengthBytes } : { bytes: 0, lengthBytes };
    const length = Buffer.alloc(lengthBytes === 0 ? 1 : lengthBytes, 0xff);
    if (lengthBytes > 0) length.writeUIntLE(value.length, 0, lengthBytes);
    return { omitted, image: isNull ? null : Buffer.concat([length, value]) };
  });

test('other columns are passed over, wherever they stand and whatever they hold', () => {
  const known = POOL_COLUMNS.map((one, index) => ({ one, image: imageOf(index) }));
  const reference = encode(POOL_COLUMNS, rowImage(POOL_COLUMNS, ROW));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 9 }), anyOther), { maxLength: 12 }), (others) => {
      const all: { one: Column; image: Buffer | null }[] = [...known];
      for (const [at, { omitted, image }] of others) {
        const one = { ...column(`other${all.length}`, MYSQL.BLOB), omitted };
        all.splice(at, 0, { one, image });
      }
      const columns = all.map(({ one }) => one);
      assert.deepEqual(checkColumns(columns), []);
      assert.deepEqual(encode(columns, joined(all.map(({ image }) => image))), reference);
    }),
  );
});

const ROW = poolRow({ attributes: Buffer.from('{"leap":1}'), rtt: null });

/** What `rowImage` makes of one value. */
function imageOf(index: number): Buffer | null {
  const cell = ROW[index] ?? null;
  return cell === null ? null : rowImage([POOL_COLUMNS[index]!], [cell]).subarray(1);
}

function joined(images: readonly (Buffer | null)[]): Buffer {
  const nulls = Buffer.alloc((images.length + 7) >> 3);
  for (const [index, image] of images.entries()) {
    if (image === null) nulls[index >> 3]! |= 1 << (index & 7);
  }
  return Buffer.concat([nulls, ...images.flatMap((image) => image ?? [])]);
}

/** Twice the same row, so that the second is only found when the first was walked to its end. */
function encode(columns: readonly Column[], image: Buffer) {
  const encoder = new RowEncoder(columns);
  const block = new Block();
  const rows = Buffer.concat([image, image]);
  const second = encoder.encode(rows, 0, rows.length, block);
  assert.equal(second, image.length);
  assert.equal(encoder.encode(rows, second, rows.length, block), rows.length);
  return encodedRows(block);
}

test('a row that ends within a column that is passed over is told', () => {
  const other = { ...column('other', MYSQL.BLOB), omitted: { bytes: 40, lengthBytes: 0 } };
  const encoder = new RowEncoder([...POOL_COLUMNS, other]);
  const image = Buffer.concat([joined([...ROW.map((_, i) => imageOf(i)), Buffer.alloc(39)])]);
  assert.throws(() => encoder.encode(image, 0, image.length, new Block()), /passed over.*ends/);
});

test('a known column is never passed over, and none may be missing beside those that are', () => {
  const other = { ...column('rtt2', MYSQL.LONG), omitted: { bytes: 4, lengthBytes: 0 } };
  const without = POOL_COLUMNS.filter(({ name }) => name !== 'rtt');
  assert.deepEqual(checkColumns(without), []);
  assert.deepEqual(checkColumns([...without, other]), [
    'column rtt is missing, and may be what is now rtt2',
  ]);
  assert.match(
    checkColumns([...POOL_COLUMNS.slice(1), other]).join(),
    /^column id is missing; accepted is/,
  );
  const [score] = columnsOf(
    { columns: [{ name: 'score', type: 246, charset: null }], columnSchemas: [{}] },
    'omit',
  );
  assert.equal(score?.omitted, undefined);
});

test('what SQL says of a table is judged alike', () => {
  const sql = POOL_COLUMNS.map(({ name }) => ({
    name,
    dataType: { id: 'bigint', ts: 'datetime', attributes: 'text' }[name] ?? DOUBLES(name),
    unsigned: false,
  }));
  const mood = { name: 'mood', dataType: 'geometry', unsigned: false };
  assert.deepEqual(checkTable([mood, ...sql], 'omit'), []);
  assert.equal(checkTable([mood, ...sql]).length, 1);
  const without = sql.filter(({ name }) => name !== 'attributes');
  assert.equal(checkTable([mood, ...without], 'omit').length, 1);
  assert.ok(!isKnown('mood') && isKnown('attributes') && !isKnown('leap'));
});

function DOUBLES(name: string): string {
  return ['score', 'step', 'offset'].includes(name) ? 'double' : 'int';
}
