import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkTable, type SqlColumn } from './sql-columns.ts';

const POOLS: readonly SqlColumn[] = (
  [
    ['id', 'bigint', true],
    ['monitor_id', 'int', true],
    ['server_id', 'int', true],
    ['ts', 'datetime'],
    ['score', 'double'],
    ['step', 'double'],
    ['offset', 'double'],
    ['rtt', 'mediumint'],
    ['attributes', 'text'],
  ] as const
).map(([name, dataType, unsigned = false]) => ({ name, dataType, unsigned }));

function withColumn(name: string, dataType: string): readonly SqlColumn[] {
  return [...POOLS.filter((one) => one.name !== name), { name, dataType, unsigned: false }];
}

function without(...names: readonly string[]): readonly SqlColumn[] {
  return POOLS.filter(({ name }) => !names.includes(name));
}

test("MariaDB's compressed columns are refused, whatever may be kept", () => {
  const type = 'text /*m!100301 compressed*/';
  const columns = [
    ...without('attributes'),
    { name: 'attributes', dataType: 'text', type, unsigned: false },
    {
      name: 'mood',
      dataType: 'varchar',
      type: type.replace('text', 'varchar(9)'),
      unsigned: false,
    },
  ];
  const problems = checkTable(columns, 'keep');
  assert.equal(problems.length, 2);
  assert.match(problems[0] ?? '', /^column attributes is text, stored compressed .*; accepted is/);
  assert.match(problems[1] ?? '', /^column mood is varchar, stored compressed .*; kept are/);
});

test("the pool's table fits, also as it was before rtt and attributes", () => {
  assert.deepEqual(checkTable(POOLS), []);
  assert.deepEqual(checkTable(without('rtt', 'attributes')), []);
});

for (const dataType of ['char', 'varchar', 'tinytext', 'mediumtext', 'longtext']) {
  test(`attributes may be ${dataType}`, () => {
    assert.deepEqual(checkTable(withColumn('attributes', dataType)), []);
  });
}

const MISFITS: readonly (readonly [what: string, columns: readonly SqlColumn[], says: RegExp])[] = [
  ['a column is missing', without('step'), /^column step is missing; accepted is double or float$/],
  ['a decimal for a double', withColumn('score', 'decimal'), /^column score is decimal; accepted/],
  ['bytes for text', withColumn('attributes', 'blob'), /^column attributes is .* binary; accepted/],
  ["MySQL's json", withColumn('attributes', 'json'), /^column attributes is json, stored in/],
  ['a date for a time', withColumn('ts', 'date'), /^column ts is date; accepted is datetime/],
  ['too wide a monitor', withColumn('monitor_id', 'bigint'), /^column monitor_id is bigint;/],
  ['one too many', withColumn('jitter', 'double'), /^column jitter \(double\) is not in/],
  ['a type that nobody knows', withColumn('rtt', 'geometry'), /^column rtt is of binlog type 255/],
];

for (const [what, columns, says] of MISFITS) {
  test(`a table is refused: ${what}`, () => {
    const problems = checkTable(columns);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', says);
  });
}
