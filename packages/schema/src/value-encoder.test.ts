import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Block } from './block.ts';
import type { Column } from './columns.ts';
import { MYSQL } from './mysql-types.ts';
import { RowEncoder } from './row-encoder.ts';
import { RowError } from './row-error.ts';
import { encodedRows } from './testing/encoded-row.ts';
import { NOON, poolRow, REFUSED } from './testing/pool-rows.ts';
import { type Cell, column, POOL_COLUMNS, rowImage } from './testing/row-image.ts';
import { resultFields, sqlColumns, valuePacket } from './testing/value-packet.ts';
import { ValueEncoder } from './value-encoder.ts';

interface Options {
  readonly columns?: readonly Column[];
  readonly utcOffsetMinutes?: number;
}

function fromBinlog(cells: readonly Cell[], { columns = POOL_COLUMNS, ...options }: Options = {}) {
  const image = rowImage(columns, cells);
  const block = new Block();
  new RowEncoder(columns, options).encode(image, 0, image.length, block);
  return encodedRows(block);
}

function fromSelect(cells: readonly Cell[], { columns = POOL_COLUMNS, ...options }: Options = {}) {
  const packet = Buffer.concat([Buffer.alloc(7, 0xff), valuePacket(columns, cells)]);
  const block = new Block(16, 1);
  new ValueEncoder(sqlColumns(columns), options).encode(packet, 7, packet.length, block);
  return encodedRows(block);
}

function changed(name: string, type: number, more: Partial<Column> = {}): readonly Column[] {
  return POOL_COLUMNS.map((one) => (one.name === name ? column(name, type, more) : one));
}

const MIDNIGHT = { ...NOON, hour: 0 };
const FRACTION = changed('ts', MYSQL.DATETIME2, { decimals: 6 });
const TIMESTAMP = changed('ts', MYSQL.TIMESTAMP2, { decimals: 6 });

const SAME: readonly [what: string, cells: readonly Cell[], options?: Options][] = [
  ['everything there', poolRow({ attributes: Buffer.from('{"leap":1}') })],
  ['NULL wherever it may be', poolRow({ monitor_id: null, offset: null, rtt: null })],
  ['a text of 251 bytes', poolRow({ attributes: Buffer.alloc(251, 'x') })],
  [
    'a text of 70,000 bytes',
    poolRow({ attributes: Buffer.alloc(70_000, 'x') }),
    { columns: long() },
  ],
  ['a text of 17 million', poolRow({ attributes: Buffer.alloc(17e6, 'x') }), { columns: long() }],
  ['a negative rtt', poolRow({ rtt: -8_388_608n })],
  ['the largest id', poolRow({ id: 2n ** 53n - 1n })],
  ['minus zero and a denormal', poolRow({ score: -0, step: 5e-324, offset: -0 })],
  ['midnight', poolRow({ ts: MIDNIGHT })],
  ['a fraction at midnight', poolRow({ ts: { ...MIDNIGHT, micros: 1 } }), { columns: FRACTION }],
  ['a datetime ahead of UTC', poolRow(), { utcOffsetMinutes: 330 }],
  ['a timestamp, which is in UTC', poolRow(), { columns: TIMESTAMP, utcOffsetMinutes: 330 }],
];

function long(): readonly Column[] {
  return changed('attributes', MYSQL.BLOB, { charset: 'utf8mb4', lengthBytes: 4 });
}

for (const [what, cells, options] of SAME) {
  test(`a row is the same from SELECT and binlog: ${what}`, () => {
    const [row] = fromSelect(cells, options);
    assert.ok(row);
    assert.deepStrictEqual(row, fromBinlog(cells, options)[0]);
  });
}

test('an old table without rtt and attributes, in another order', () => {
  const columns = POOL_COLUMNS.filter(({ name }) => name !== 'rtt' && name !== 'attributes');
  const cells = poolRow().slice(0, columns.length);
  const options = { columns: columns.toReversed() };
  const encoder = new ValueEncoder(sqlColumns(options.columns));
  assert.equal(
    encoder.selectList,
    '`id`, `server_id`, `monitor_id`, `ts`, `score`, `step`, `offset`',
  );
  assert.deepStrictEqual(fromSelect(cells.toReversed(), options), fromBinlog(cells, { columns }));
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof RowError) return error.message;
    throw error;
  }
  return 'nothing';
}

for (const [what, changes, name, message] of REFUSED) {
  test(`${what} stops with the words of the binlog path, and leaves the block as it was`, () => {
    const said = messageOf(() => fromSelect(poolRow(changes)));
    assert.match(said, message);
    assert.equal(
      said,
      messageOf(() => fromBinlog(poolRow(changes))),
    );
    const encoder = new ValueEncoder(sqlColumns(POOL_COLUMNS));
    const block = new Block();
    const good = valuePacket(POOL_COLUMNS, poolRow());
    const bad = valuePacket(POOL_COLUMNS, poolRow(changes));
    encoder.encode(good, 0, good.length, block);
    const before = encodedRows(block);
    assert.throws(
      () => encoder.encode(bad, 0, bad.length, block),
      (error) => error instanceof RowError && error.column === name,
    );
    assert.deepStrictEqual(encodedRows(block), before);
    encoder.encode(good, 0, good.length, block);
    assert.equal(block.rows, 2);
  });
}

test('a zero timestamp stops with the words of the binlog path', () => {
  const zero = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, micros: 0 };
  const epoch = { ...zero, year: 1970, month: 1, day: 1 };
  assert.equal(
    messageOf(() => fromSelect(poolRow({ ts: zero }), { columns: TIMESTAMP })),
    messageOf(() => fromBinlog(poolRow({ ts: epoch }), { columns: TIMESTAMP })),
  );
});

test('the id is told before the row is encoded, and refused as it is then', () => {
  const encoder = new ValueEncoder(sqlColumns(POOL_COLUMNS));
  const idOf = (id: bigint) => {
    const packet = valuePacket(POOL_COLUMNS, poolRow({ id }));
    return encoder.id(packet, 0, packet.length);
  };
  assert.equal(idOf(2n ** 53n - 1n), 2 ** 53 - 1);
  const alone = valuePacket(POOL_COLUMNS.slice(0, 1), [7n]);
  assert.deepEqual(encoder.problems(resultFields(POOL_COLUMNS.slice(0, 1)), 1), []);
  assert.equal(encoder.id(alone, 0, alone.length, 1), 7);
  assert.throws(() => idOf(0n), /column id: it is below 1/);
  assert.throws(() => idOf(2n ** 53n), /row 9007199254740992, column id: it is above/);
});

test('a packet that is cut or has more behind it is never taken for a row', () => {
  for (const attributes of [Buffer.from('{"leap":1}'), Buffer.alloc(300, 'x'), null]) {
    const packet = valuePacket(POOL_COLUMNS, poolRow({ attributes }));
    const encoder = new ValueEncoder(sqlColumns(POOL_COLUMNS));
    const block = new Block();
    for (let end = 0; end < packet.length; end++) {
      // With the rest of the chunk behind it, and without.
      assert.throws(() => encoder.encode(packet, 0, end, block), RowError);
      const cut = Buffer.from(packet.subarray(0, end));
      assert.throws(() => encoder.encode(cut, 0, end, block), RowError);
      if (end < 11) assert.throws(() => encoder.id(cut, 0, end), RowError);
    }
    const more = Buffer.concat([packet, Buffer.alloc(1)]);
    assert.throws(() => encoder.encode(more, 0, more.length, block), /: 1 bytes behind/);
    assert.equal(block.rows, 0);
  }
});

const CHANGES: readonly [what: string, columns: readonly Column[], says: RegExp][] = [
  ['a double becomes float', changed('score', MYSQL.FLOAT), /^column score is score float, was/],
  ['a sign', changed('rtt', MYSQL.INT24, { unsigned: true }), /^column rtt is rtt mediumint uns/],
  ['datetime to timestamp', changed('ts', MYSQL.TIMESTAMP2), /^column ts is ts timestamp, was/],
  ['a column less', POOL_COLUMNS.slice(0, -1), /^the result has 8 columns, not 9$/],
];

for (const [what, columns, says] of CHANGES) {
  test(`a result of another layout is seen before its first row: ${what}`, () => {
    const encoder = new ValueEncoder(sqlColumns(POOL_COLUMNS));
    assert.deepEqual(encoder.problems(resultFields(POOL_COLUMNS)), []);
    const problems = encoder.problems(resultFields(columns));
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', says);
  });
}

test('a text that is stored in another character set from one result to the next is seen', () => {
  const encoder = new ValueEncoder(sqlColumns(POOL_COLUMNS));
  assert.deepEqual(encoder.problems(resultFields(POOL_COLUMNS, 33)), []);
  const [problem] = encoder.problems(resultFields(POOL_COLUMNS, 45));
  assert.match(problem ?? '', /^column attributes is in collation 45, was in 33$/);
});

test('columns that no record can be made of are refused at once', () => {
  const columns = [...sqlColumns(POOL_COLUMNS), { name: 'x', dataType: 'int', unsigned: false }];
  assert.throws(() => new ValueEncoder(columns), /column x \(int\) is not in the LogScore schema/);
  const greek = sqlColumns(changed('attributes', MYSQL.BLOB, { charset: 'greek', lengthBytes: 2 }));
  assert.throws(() => new ValueEncoder(greek), /character set greek/);
});
