import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Block } from './block.ts';
import type { Column } from './columns.ts';
import { MYSQL } from './mysql-types.ts';
import { RowEncoder } from './row-encoder.ts';
import { RowError } from './row-error.ts';
import { readRowsHeader } from './rows-header.ts';
import { asRow, decodeLogScore, expectedRow } from './testing/log-score.ts';
import { NOON, poolRow, REFUSED } from './testing/pool-rows.ts';
import { type Cell, column, POOL_COLUMNS, rowImage, writeRowsBody } from './testing/row-image.ts';
import { decodeWithZongji, entryOf } from './testing/zongji-rows.ts';
import { DatumWalker } from './walk-datum.ts';

const BITS = new Map<number, number>([
  [MYSQL.TINY, 8],
  [MYSQL.SHORT, 16],
  [MYSQL.INT24, 24],
  [MYSQL.LONG, 32],
  [MYSQL.LONGLONG, 53],
]);

function anyInteger(name: string, types: readonly number[]): fc.Arbitrary<Column> {
  return fc
    .tuple(fc.constantFrom(...types), fc.boolean())
    .map(([type, unsigned]) => column(name, type, { unsigned }));
}

const INTS = [MYSQL.TINY, MYSQL.SHORT, MYSQL.INT24, MYSQL.LONG];
const anyNumber = (name: string) =>
  fc.constantFrom(MYSQL.DOUBLE, MYSQL.FLOAT).map((type) => column(name, type));
const anyTime = fc
  .tuple(fc.constantFrom(MYSQL.DATETIME2, MYSQL.TIMESTAMP2), fc.integer({ min: 0, max: 6 }))
  .map(([type, decimals]) => column('ts', type, { decimals }));
const anyText = fc
  .tuple(
    fc.constantFrom(
      ...[1, 2, 3, 4].map((lengthBytes) => ({ type: MYSQL.BLOB, lengthBytes })),
      ...[1, 2].map((lengthBytes) => ({ type: MYSQL.VARCHAR, lengthBytes })),
      ...[1, 2].map((lengthBytes) => ({ type: MYSQL.STRING, lengthBytes })),
    ),
    fc.constantFrom('utf8mb4', 'utf8mb3', 'latin1', 'ascii'),
  )
  .map(([{ type, lengthBytes }, charset]) => column('attributes', type, { lengthBytes, charset }));

/** Tables as they may be: types, signs, order, with and without the optional columns. */
const anyColumns: fc.Arbitrary<readonly Column[]> = fc
  .record({
    required: fc.tuple(
      anyInteger('id', [...INTS, MYSQL.LONGLONG]),
      anyInteger('server_id', INTS),
      anyInteger('monitor_id', INTS),
      anyTime,
      anyNumber('score'),
      anyNumber('step'),
      anyNumber('offset'),
    ),
    optional: fc.subarray([0, 1]),
    rtt: anyInteger('rtt', INTS),
    text: anyText,
  })
  .chain(({ required, optional, rtt, text }) => {
    const all = [...required, ...optional.map((index) => (index === 0 ? rtt : text))];
    return fc.shuffledSubarray(all, { minLength: all.length });
  });

const NULLABLE = new Set(['monitor_id', 'offset', 'rtt', 'attributes']);

function anyCell(of: Column): fc.Arbitrary<Cell> {
  const present = anyValue(of);
  return NULLABLE.has(of.name) ? fc.option(present, { nil: null, freq: 4 }) : present;
}

function anyValue({
  name,
  type,
  unsigned,
  decimals,
  charset,
  lengthBytes,
}: Column): fc.Arbitrary<NonNullable<Cell>> {
  const bits = BITS.get(type);
  if (bits !== undefined) {
    const half =
      bits === 53 ? 2n ** 53n - 2n : unsigned ? 2n ** BigInt(bits) : 2n ** BigInt(bits - 1);
    const max = name === 'rtt' ? [half - 1n, 2n ** 31n - 1n].toSorted(byValue)[0]! : half - 1n;
    const min = name === 'rtt' && !unsigned ? -half : name === 'id' ? 1n : 0n;
    return fc.bigInt({ min, max });
  }
  if (type === MYSQL.FLOAT) return fc.float({ noNaN: true, noDefaultInfinity: true });
  if (type === MYSQL.DOUBLE) return fc.double({ noNaN: true, noDefaultInfinity: true });
  if (type === MYSQL.DATETIME2 || type === MYSQL.TIMESTAMP2) {
    const years = type === MYSQL.TIMESTAMP2 ? [1971, 2037] : [1828, 2254];
    const micros = 10 ** (6 - decimals);
    return fc.record({
      year: fc.integer({ min: years[0]!, max: years[1]! }),
      month: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 1, max: 28 }),
      hour: fc.integer({ min: 0, max: 23 }),
      minute: fc.integer({ min: 0, max: 59 }),
      second: fc.integer({ min: 0, max: 59 }),
      micros: fc.integer({ min: 0, max: 1e6 / micros - 1 }).map((n) => n * micros),
    });
  }
  return anyBytes(charset ?? '', 2 ** (8 * Math.min(lengthBytes, 2)) - 1);
}

function byValue(a: bigint, b: bigint): number {
  return a < b ? -1 : 1;
}

const JSONS = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.json(),
  fc
    .record(
      {
        leap: fc.integer({ min: -1, max: 300 }),
        stratum: fc.integer({ min: 0, max: 16 }),
        no_response: fc.boolean(),
        error: fc.string({ unit: 'binary' }),
        warning: fc.string(),
        from_ls_id: fc.maxSafeNat(),
        from_ss_id: fc.maxSafeNat(),
      },
      { requiredKeys: [] },
    )
    .map((fields) => JSON.stringify(fields)),
);

const HOLES = [0x81, 0x8d, 0x8f, 0x90, 0x9d];

function anyBytes(charset: string, maxLength: number): fc.Arbitrary<Buffer> {
  const bytes = JSONS.map((text) => Buffer.from(text));
  const plain = fc.uint8Array({ max: charset === 'ascii' ? 127 : 255 }).map((b) => Buffer.from(b));
  switch (charset) {
    case 'ascii':
      return fc
        .oneof(
          plain,
          bytes.filter((b) => b.every((byte) => byte < 128)),
        )
        .filter(fits);
    case 'latin1':
      // Zongji's latin1 has no characters in the five holes; MySQL's has, and a test of its own.
      return fc
        .oneof(plain, bytes)
        .map((b) => b.filter((byte) => !HOLES.includes(byte)))
        .map((b) => Buffer.from(b))
        .filter(fits);
    default:
      return bytes.filter(fits);
  }
  function fits(b: Buffer): boolean {
    return b.length <= maxLength;
  }
}

const anyTable = anyColumns.chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    rows: fc.array(fc.tuple(...columns.map(anyCell)), { minLength: 1, maxLength: 8 }),
  }),
);

function encodeAll(columns: readonly Column[], body: Buffer): Block {
  const { rowsStart, allPresent } = readRowsHeader(body, 0, 30);
  assert.equal(allPresent, true);
  const encoder = new RowEncoder(columns);
  const block = new Block(16, 1);
  for (let at = rowsStart; at < body.length;) at = encoder.encode(body, at, body.length, block);
  return block;
}

test('every row of every table is what zongji and avsc say it is, bit for bit', () => {
  const walker = new DatumWalker();
  fc.assert(
    fc.property(anyTable, ({ columns, rows }) => {
      const body = writeRowsBody(7, columns, rows);
      const expected = decodeWithZongji(body, entryOf(columns)).map(expectedRow);
      const block = encodeAll(columns, body);
      assert.equal(block.rows, expected.length);
      expected.forEach((row, index) => {
        const end = block.ends[index]!;
        const datum = block.bytes.subarray(block.start(index), end);
        assert.deepStrictEqual(asRow(decodeLogScore(datum)), { ...row });
        assert.equal(block.ids[index], row['id']);
        assert.equal(block.serverIds[index], row['server_id']);
        assert.equal(block.timestampsUs[index], row['ts']);
        walker.walk(block.bytes, block.start(index), end);
        assert.deepEqual(
          [walker.id, walker.serverId, walker.timestampUs],
          [row['id'], row['server_id'], row['ts']],
        );
      });
    }),
    { numRuns: 2000 },
  );
});

function encodeOne(
  cells: readonly Cell[],
  { columns = POOL_COLUMNS, utcOffsetMinutes = 0 } = {},
): { block: Block; score: ReturnType<typeof decodeLogScore> } {
  const image = rowImage(columns, cells);
  const block = new Block();
  const after = new RowEncoder(columns, { utcOffsetMinutes }).encode(image, 0, image.length, block);
  assert.equal(after, image.length);
  return { block, score: decodeLogScore(block.bytes.subarray(0, block.byteLength)) };
}

test('doubles keep their bits: minus zero, denormals, the largest', () => {
  for (const value of [-0, 5e-324, -5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 0.1 + 0.2]) {
    const { score } = encodeOne(poolRow({ score: value, step: value, offset: value }));
    for (const got of [score.score, score.step, score.offset]) assert.ok(Object.is(got, value));
  }
});

test('a datetime is taken at the fixed offset of its source', () => {
  const { score } = encodeOne(poolRow(), { utcOffsetMinutes: 330 });
  assert.equal(score.ts, (Date.UTC(2026, 2, 1, 12) - 330 * 60_000) * 1000);
});

test('a timestamp behind 2038 is not negative', () => {
  const columns = POOL_COLUMNS.map((one) =>
    one.name === 'ts' ? column('ts', MYSQL.TIMESTAMP2) : one,
  );
  const { score } = encodeOne(poolRow({ ts: { ...NOON, year: 2100 } }), { columns });
  assert.equal(score.ts, Date.UTC(2100, 2, 1, 12) * 1000);
});

test('the five holes of latin1 and its Windows characters arrive as MySQL reads them', () => {
  const columns = POOL_COLUMNS.map((one) =>
    one.name === 'attributes' ? { ...one, charset: 'latin1' } : one,
  );
  const bytes = Buffer.from([0x80, 0x81, 0x8d, 0x8f, 0x90, 0x9d, 0x9f, 0xe9, 0x41]);
  const { score } = encodeOne(poolRow({ attributes: bytes }), { columns });
  assert.equal(score.attributes, '\u20ac\u0081\u008d\u008f\u0090\u009d\u0178\u00e9A');
});

for (const [what, changes, name, message] of REFUSED) {
  test(`${what} stops, and leaves the block as it was`, () => {
    const good = rowImage(POOL_COLUMNS, poolRow());
    const bad = rowImage(POOL_COLUMNS, poolRow(changes));
    const encoder = new RowEncoder(POOL_COLUMNS);
    const block = new Block();
    encoder.encode(good, 0, good.length, block);
    const before = Buffer.from(block.bytes.subarray(0, block.byteLength));
    assert.throws(
      () => encoder.encode(bad, 0, bad.length, block),
      (error) => error instanceof RowError && error.column === name && message.test(error.message),
    );
    assert.equal(block.rows, 1);
    assert.deepEqual(block.bytes.subarray(0, block.byteLength), before);
    encoder.encode(good, 0, good.length, block);
    assert.equal(block.rows, 2);
  });
}

test('a negative server and an rtt above 31 bits stop', () => {
  const columns = POOL_COLUMNS.map((one) => {
    if (one.name === 'server_id') return { ...one, unsigned: false };
    return one.name === 'rtt' ? column('rtt', MYSQL.LONG, { unsigned: true }) : one;
  });
  assert.throws(() => encodeOne(poolRow({ server_id: -1n }), { columns }), /server_id: .*negative/);
  assert.throws(() => encodeOne(poolRow({ rtt: 2n ** 31n }), { columns }), /rtt: 2147483648/);
});

test('a row image that is cut anywhere is never taken for a row', () => {
  const image = rowImage(POOL_COLUMNS, poolRow({ attributes: Buffer.from('{"leap":1}') }));
  const encoder = new RowEncoder(POOL_COLUMNS);
  const block = new Block();
  for (let end = 0; end < image.length; end++) {
    // With the rest of the packet behind it, and without.
    assert.throws(() => encoder.encode(image, 0, end, block));
    assert.throws(() => encoder.encode(Buffer.from(image.subarray(0, end)), 0, end, block));
  }
  assert.equal(block.rows, 0);
});
