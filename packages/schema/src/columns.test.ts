import assert from 'node:assert/strict';
import { test } from 'node:test';

import { COLUMN_TYPES } from './column-types.ts';
import { checkColumns, type Column } from './columns.ts';
import { LOG_SCORE_V1 } from './log-score.ts';
import { MYSQL } from './mysql-types.ts';
import { RowEncoder } from './row-encoder.ts';
import { column, POOL_COLUMNS } from './testing/row-image.ts';

function withColumn(name: string, changed: Column | null): readonly Column[] {
  return POOL_COLUMNS.flatMap((one) => (one.name === name ? (changed ?? []) : one));
}

test('the pool’s own table fits, in any order, also without rtt and attributes', () => {
  assert.deepEqual(checkColumns(POOL_COLUMNS), []);
  assert.deepEqual(checkColumns(POOL_COLUMNS.toReversed()), []);
  assert.deepEqual(checkColumns(withColumn('rtt', null)), []);
  assert.deepEqual(checkColumns(withColumn('attributes', null)), []);
});

const text = (type: number, charset: string | null): Column =>
  column('attributes', type, { charset, lengthBytes: 2 });

const MISFITS: readonly [readonly Column[], RegExp][] = [
  [withColumn('offset', null), /^column offset is missing; accepted is double or float$/],
  [withColumn('ts', null), /^column ts is missing; accepted is datetime or timestamp/],
  [
    [...POOL_COLUMNS, column('zone', MYSQL.VARCHAR, { charset: 'utf8mb4' })],
    /^column zone \(varchar\) is not in the LogScore schema$/,
  ],
  // An Avro field that is made of the attributes is no column.
  [[...POOL_COLUMNS, column('leap', MYSQL.TINY)], /^column leap \(tinyint\) is not in/],
  [withColumn('id', column('id', MYSQL.DOUBLE)), /^column id is double; accepted is tinyint/],
  [
    withColumn('server_id', column('server_id', MYSQL.LONGLONG, { unsigned: true })),
    /^column server_id is bigint unsigned; accepted is tinyint, smallint, mediumint or int,/,
  ],
  [withColumn('rtt', column('rtt', MYSQL.LONGLONG)), /^column rtt is bigint;/],
  [withColumn('score', column('score', 246)), /^column score is decimal; accepted is double/],
  [withColumn('score', column('score', 99)), /^column score is of binlog type 99;/],
  [withColumn('ts', column('ts', MYSQL.DATETIME)), /ts is datetime, stored as before .*FORCE/],
  [withColumn('attributes', text(MYSQL.JSON, null)), /binary form.*MODIFY attributes longtext/],
  [withColumn('attributes', text(MYSQL.BLOB_COMPRESSED, 'utf8mb4')), /stored compressed/],
  [withColumn('attributes', text(MYSQL.BLOB, null)), /text with character set binary; accepted/],
  [withColumn('attributes', text(MYSQL.BLOB, 'ucs2')), /text with character set ucs2; accepted/],
];

for (const [columns, message] of MISFITS) {
  test(`a table is refused: ${message.source}`, () => {
    const problems = checkColumns(columns);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', message);
    assert.throws(() => new RowEncoder(columns), RangeError);
  });
}

test('every problem is told at once', () => {
  assert.equal(checkColumns([column('zone', MYSQL.LONG)]).length, 8);
});

test('the one table of types has the fields of the schema, in its order, as it types them', () => {
  assert.deepEqual(
    COLUMN_TYPES.map(({ field, avro, nullable }) => ({ field, avro, nullable })),
    LOG_SCORE_V1.fields.map(({ name, type }) => ({
      field: name,
      avro: avroName(type),
      nullable: Array.isArray(type),
    })),
  );
});

function avroName(type: unknown): string {
  if (Array.isArray(type)) return type.map(avroName).join(' | ');
  if (typeof type === 'string') return type;
  const { type: base, logicalType, values } = type as Record<string, string>;
  if (base === 'map') return `map<${values}>`;
  return `${base} (${logicalType})`;
}
