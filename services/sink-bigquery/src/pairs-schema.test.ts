import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LOG_SCORE_V1_JSON } from '@scoreline/schema';
import avsc from 'avsc';

import { withPairs } from './pairs-schema.ts';

const ID = { name: 'id', type: 'long' };
const LAST = { name: 'last', type: ['null', 'int'], default: null };

const schemaOf = (...fields: object[]) => JSON.stringify({ type: 'record', name: 'R', fields });

test('a map is read as pairs, from the same bytes', () => {
  const map = { name: 'others', type: { type: 'map', values: 'string' }, default: {} };
  const schema = schemaOf(ID, map, LAST);
  const write = avsc.Type.forSchema(JSON.parse(schema) as avsc.Schema);
  const read = avsc.Type.forSchema(JSON.parse(withPairs(schema)) as avsc.Schema);
  const plain = (row: unknown) => JSON.parse(JSON.stringify(row)) as unknown;
  assert.deepEqual(plain(read.fromBuffer(write.toBuffer({ id: 1, others: {}, last: 7 }))), {
    id: 1,
    others: [],
    last: 7,
  });
  const others = { a: 'x', überrascht: '', '': '漢' };
  assert.deepEqual(plain(read.fromBuffer(write.toBuffer({ id: 2, others, last: null }))), {
    id: 2,
    others: Object.entries(others).map(([key, value]) => ({ key, value })),
    last: null,
  });
});

test('a schema without a map stays as it was registered', () => {
  const schema = ` ${schemaOf(ID, LAST)} `;
  assert.equal(withPairs(schema), schema);
  const { fields } = JSON.parse(withPairs(LOG_SCORE_V1_JSON)) as { fields: { name: string }[] };
  assert.deepEqual(
    fields.map(({ name }) => name),
    (JSON.parse(LOG_SCORE_V1_JSON) as { fields: { name: string }[] }).fields.map(
      ({ name }) => name,
    ),
  );
});
