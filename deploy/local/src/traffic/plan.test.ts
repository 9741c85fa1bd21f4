import assert from 'node:assert/strict';
import { test } from 'node:test';

import { POOL } from './create-schema.ts';
import { committedRows, plan, type Step } from './plan.ts';
import { insertLogScores } from './sql.ts';

const NOON = Date.UTC(2026, 10, 21, 12);

function steps(seed: number, rows: number, batchRows = 20): Step[] {
  return [...plan({ seed, pool: POOL, clock: () => NOON, rows, batchRows })];
}

test('a seed names its traffic: the same steps again, and others under another seed', () => {
  assert.deepEqual(steps(7, 2_000), steps(7, 2_000));
  assert.notDeepEqual(steps(7, 2_000), steps(8, 2_000));
});

test('a seed above 32 bits counts with all of its bits', () => {
  assert.notDeepEqual(steps(1, 50), steps(1 + 2 ** 32, 50));
});

test('exactly as many rows are committed as were asked for', () => {
  for (const rows of [1, 2, 17, 3_000]) {
    const sum = steps(rows, rows).reduce((total, step) => total + committedRows(step), 0);
    assert.equal(sum, rows);
  }
});

test('every kind of step occurs, and every kind of row', () => {
  const all = steps(3, 30_000);
  const kinds = ['autocommit', 'batch', 'late', 'logged-rollback', 'measured', 'other', 'rollback'];
  assert.deepEqual([...new Set(all.map(({ kind }) => kind))].sort(), [
    ...kinds,
    'savepoint',
    'scored',
  ]);
  const rows = all.flatMap((step) => (step.kind === 'other' ? [] : step.rows));
  const has = (pattern: RegExp): boolean => rows.some((row) => pattern.test(row.attributes ?? ''));
  assert.ok(rows.some(({ monitorId }) => monitorId === null));
  assert.ok(rows.some(({ offset, rtt }) => offset === null && rtt === null));
  assert.ok(rows.some(({ attributes }) => attributes === null));
  for (const pattern of [
    /^\{"leap":[13]/,
    /"warning":/,
    /-\\u003e.*i\/o timeout/,
    /"from_ls_id":\d/,
  ]) {
    assert.ok(has(pattern), `no row has attributes like ${pattern}`);
  }
  assert.ok(has(/^(?!\{)/), 'no row has attributes that are no object');
  assert.ok(has(/^.{20000}/), 'no row has large attributes');
});

test('SQL carries every double and every character', () => {
  const row = { monitorId: null, serverId: 1, ts: NOON + 999, rtt: null };
  const sql = insertLogScores([
    { ...row, score: 0.1 + 0.2, step: -0, offset: 5e-324, attributes: `it's \\ "x" \0` },
  ]);
  const values = sql.slice(sql.indexOf('VALUES ') + 7);
  const text = String.raw`'it\'s \\ "x" \0'`;
  assert.equal(
    values,
    `(NULL,1,'2026-11-21 12:00:00',0.30000000000000004e0,-0e0,5e-324,NULL,${text})`,
  );
});
