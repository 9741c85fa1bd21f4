import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isOldSql, thoseSql } from './table-sql.ts';

test('the cutoff is whole days before now on the clock of the server, in the zone of the column', () => {
  const rest = { retentionDays: 15 };
  const timestamp = { dataType: 'timestamp' };
  const datetime = { dataType: 'datetime' };
  const utc = 'ts < UTC_TIMESTAMP() - INTERVAL 15 DAY';
  assert.equal(isOldSql(timestamp, { ...rest, timeZone: '+02:00' }), utc);
  assert.equal(isOldSql(datetime, { ...rest, timeZone: undefined }), utc);
  assert.equal(isOldSql(datetime, { ...rest, timeZone: 'UTC' }), utc);
  assert.equal(
    isOldSql(datetime, { ...rest, timeZone: '-03:30' }),
    'ts < UTC_TIMESTAMP() + INTERVAL -210 MINUTE - INTERVAL 15 DAY',
  );
});

test('rows are named one by one, and nothing but an id is let into a statement', () => {
  assert.equal(thoseSql([7, 5, 9]), 'id BETWEEN 5 AND 9 AND id IN (7,5,9)');
  assert.throws(() => thoseSql([]), /no ids/);
  for (const wrong of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
    assert.throws(() => thoseSql([1, wrong]), /not an id/);
  }
});
