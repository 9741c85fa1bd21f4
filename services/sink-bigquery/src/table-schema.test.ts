import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fieldsOf, LOG_SCORE_V1, nextVersion, VERSION_1 } from '@scoreline/schema';

import { type Field, fieldOf, FIELDS, fieldsIn, loadedFields, planSchema } from './table-schema.ts';

const TABLE = { project: 'ntppool', dataset: 'ntp', table: 'log_scores' };

function having(change: Record<string, Partial<Field> | null>): Field[] {
  return FIELDS.flatMap((field) => {
    const by = change[field.name];
    return by === null ? [] : [{ ...field, ...by }];
  });
}

test('every field of the record has its column', () => {
  assert.deepEqual(
    FIELDS.map(({ name }) => name),
    LOG_SCORE_V1.fields.map(({ name }) => name),
  );
  const find = (name: string) => FIELDS.find((field) => field.name === name);
  assert.deepEqual(find('ts'), { name: 'ts', type: 'TIMESTAMP', mode: 'REQUIRED' });
  assert.deepEqual(find('monitor_id'), { name: 'monitor_id', type: 'INTEGER', mode: 'NULLABLE' });
});

test('a map becomes repeated pairs', () => {
  const field = fieldOf({
    field: 'others',
    bigquery: 'ARRAY<STRUCT<key STRING, value STRING>>',
    nullable: false,
  });
  assert.equal(field.mode, 'REPEATED');
  assert.deepEqual(
    field.fields?.map(({ name, type }) => [name, type]),
    [
      ['key', 'STRING'],
      ['value', 'STRING'],
    ],
  );
  const wanted = [...FIELDS, field];
  assert.deepEqual(planSchema(TABLE, FIELDS, wanted).change?.at(-1), field);
  const found = { ...field, type: 'STRUCT', fields: field.fields ?? [] };
  assert.equal(planSchema(TABLE, [...FIELDS, found], wanted).change, null);
  const text = { name: 'others', type: 'STRING', mode: 'NULLABLE' };
  assert.equal(planSchema(TABLE, [...FIELDS, text], wanted).problems.length, 1);
});

test('our own table needs nothing, by whichever names its types go', () => {
  assert.equal(planSchema(TABLE, FIELDS).change, null);
  const standard = having({
    id: { type: 'INT64', mode: 'NULLABLE' },
    score: { type: 'FLOAT64' },
    no_response: { type: 'BOOL' },
  });
  assert.deepEqual(planSchema(TABLE, standard).problems, []);
  assert.equal(planSchema(TABLE, standard).change, null);
});

test('an archiver’s table is completed and relaxed', () => {
  const found = having({
    monitor_id: { mode: 'REQUIRED' },
    stratum: null,
    no_response: null,
    attributes: null,
  });
  const own = { name: 'comment', type: 'STRING' };
  const { change, changes, problems } = planSchema(TABLE, [...found, own]);
  assert.deepEqual(problems, []);
  assert.deepEqual(changes, [
    'monitor_id may be null',
    'stratum is added',
    'no_response is added',
    'attributes is added',
  ]);
  const names = change?.map(({ name, mode }) => `${name} ${mode}`) ?? [];
  assert.ok(names.includes('monitor_id NULLABLE'));
  assert.ok(names.includes('server_id REQUIRED'));
  assert.deepEqual(names.slice(-4), [
    'comment undefined',
    'stratum NULLABLE',
    'no_response NULLABLE',
    'attributes NULLABLE',
  ]);
});

test('a ts that was loaded without logical types is refused, with the SQL that converts it', () => {
  const { change, problems, remedies } = planSchema(TABLE, having({ ts: { type: 'INTEGER' } }));
  assert.equal(change, null);
  assert.deepEqual(problems, ['its column ts is INTEGER and must be TIMESTAMP']);
  assert.match(
    remedies[0] ?? '',
    /^CREATE TABLE `ntppool\.ntp\.log_scores_converted` PARTITION BY DATE\(ts\) CLUSTER BY server_id, monitor_id AS SELECT \* REPLACE \(CASE WHEN ts < .* AS ts\) FROM `ntppool\.ntp\.log_scores`;$/,
  );
  assert.equal(remedies[2], 'ALTER TABLE `ntppool.ntp.log_scores_converted` RENAME TO log_scores;');
});

test('other columns that cannot be are refused, each with its remedy', () => {
  const refuse = (found: readonly Field[]) => {
    const { problems, remedies, change } = planSchema(TABLE, found);
    assert.equal(change, null);
    return `${problems.join()} ${remedies.join()}`;
  };
  assert.match(refuse(having({ rtt: { type: 'STRING' } })), /CAST\(rtt AS INT64\) AS rtt/);
  assert.match(refuse(having({ error: { mode: 'REPEATED' } })), /is REPEATED STRING and must be/);
  assert.match(refuse(having({ id: null })), /it has no column id/);
  const strange = { name: 'region', type: 'STRING', mode: 'REQUIRED' };
  assert.match(
    refuse([...FIELDS, strange]),
    /region is unknown here, and REQUIRED .*ALTER COLUMN region DROP NOT NULL/,
  );
});

test('a load job names the columns as the table has them', () => {
  const found = [{ name: 'comment', type: 'STRING' }, ...having({ id: { mode: 'NULLABLE' } })];
  const loaded = loadedFields(found);
  assert.equal(loaded.length, FIELDS.length);
  assert.deepEqual(loaded[0], { name: 'id', type: 'INTEGER', mode: 'NULLABLE' });
});

test('a later version’s column is added, and left out of loads of records from before', () => {
  const next = nextVersion(VERSION_1, [{ name: 'jitter', family: 'number' }]);
  const wanted = fieldsOf(next).map(fieldOf);
  const name = { project: 'p', dataset: 'd', table: 't' };
  const { change, problems } = planSchema(name, FIELDS, wanted);
  assert.deepEqual(problems, []);
  assert.deepEqual(change?.at(-1), { name: 'jitter', type: 'FLOAT', mode: 'NULLABLE' });
  const loaded = loadedFields(wanted, wanted);
  assert.deepEqual(fieldsIn(VERSION_1.json, loaded), FIELDS);
  assert.deepEqual(fieldsIn(next.json, loaded), wanted);
});
