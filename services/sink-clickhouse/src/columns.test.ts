import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LOG_SCORE_V1 } from '@scoreline/schema';

import { COLUMNS } from './columns.ts';
import { insertStatement, quoted } from './statements.ts';

test('every field of the record has its column, and every column but the day its field', () => {
  assert.deepEqual(
    COLUMNS.map(({ name }) => name)
      .filter((name) => name !== 'dt')
      .toSorted(),
    LOG_SCORE_V1.fields.map(({ name }) => name).toSorted(),
  );
});

test('what a column holds less of than its field is converted by what fails', () => {
  for (const { name, convert, holds } of COLUMNS) {
    assert.equal(holds !== undefined, convert !== undefined, name);
    if (name !== 'ts' && convert) assert.match(convert, /^accurateCast\(/);
  }
});

test('the insert names its columns, and reads each field as it is in Avro', () => {
  const statement = insertStatement(quoted('ntp', 'log_scores'), COLUMNS);
  assert.match(
    statement,
    /^INSERT INTO `ntp`\.`log_scores` \(`id`, `monitor_id`, `server_id`, `ts`/,
  );
  assert.match(statement, /accurateCast\(leap, 'Nullable\(UInt8\)'\)/);
  assert.match(statement, /FROM input\('`id` Int64, `monitor_id` Nullable\(Int64\)/);
  assert.ok(!statement.includes('`dt`'));
  assert.match(statement, / FORMAT Avro$/);
});

test('names are quoted', () => {
  assert.equal(quoted('a`b', 'c\\d'), '`a\\`b`.`c\\\\d`');
});
