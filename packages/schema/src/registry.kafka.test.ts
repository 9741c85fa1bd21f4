import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SchemaRegistry as Client } from '@kafkajs/confluent-schema-registry';
import { needServer, uniqueName } from '@scoreline/testing';

import { Block } from './block.ts';
import { LOG_SCORE_V1, LOG_SCORE_V1_JSON, subjectName, topicName } from './log-score.ts';
import { RegistryError } from './registry-error.ts';
import { SchemaRegistry } from './registry.ts';
import { RowEncoder } from './row-encoder.ts';
import { POOL_COLUMNS, rowImage } from './testing/row-image.ts';
import { wireHeader } from './wire.ts';

function newSubject(): string {
  return subjectName(topicName(uniqueName('schema_test'), 1));
}

test('a real registry keeps the schema, its level, and its id over registrations', async (t) => {
  const url = needServer(t, 'registry');
  if (url === '') return;
  const subject = newSubject();
  const id = await new SchemaRegistry({ url }).register(subject, LOG_SCORE_V1_JSON);
  assert.equal(await new SchemaRegistry({ url }).register(subject, LOG_SCORE_V1_JSON), id);
  const { json } = await new SchemaRegistry({ url }).schemaById(id);
  assert.deepEqual(JSON.parse(json), LOG_SCORE_V1);
  const level = await fetch(`${url}/config/${subject}`);
  assert.deepEqual(await level.json(), { compatibilityLevel: 'BACKWARD' });
});

test('a real registry refuses a schema that readers of the first could not read', async (t) => {
  const url = needServer(t, 'registry');
  if (url === '') return;
  const subject = newSubject();
  const registry = new SchemaRegistry({ url });
  await registry.register(subject, LOG_SCORE_V1_JSON);
  const fields = [...LOG_SCORE_V1.fields, { name: 'more', type: 'string' }];
  await assert.rejects(
    registry.register(subject, JSON.stringify({ ...LOG_SCORE_V1, fields })),
    (error) =>
      error instanceof RegistryError && error.kind === 'refused' && /409/.test(error.message),
  );
  const optional = { name: 'more', type: ['null', 'string'], default: null };
  const grown = { ...LOG_SCORE_V1, fields: [...LOG_SCORE_V1.fields, optional] };
  assert.ok((await registry.register(subject, JSON.stringify(grown))) > 0);
});

test('the ordinary client decodes what we encode, by the id in front of it', async (t) => {
  const url = needServer(t, 'registry');
  if (url === '') return;
  const id = await new SchemaRegistry({ url }).register(newSubject(), LOG_SCORE_V1_JSON);
  const noon = { year: 2026, month: 3, day: 1, hour: 12, minute: 0, second: 0, micros: 0 };
  const attributes = Buffer.from('{"leap":1,"error":"a\\u003eb"}');
  const image = rowImage(POOL_COLUMNS, [5n, null, 2n, noon, -0.5, 1, 1e-9, 42n, attributes]);
  const block = new Block();
  new RowEncoder(POOL_COLUMNS).encode(image, 0, image.length, block);
  const value = Buffer.concat([wireHeader(id), block.bytes.subarray(0, block.byteLength)]);
  const decoded: unknown = await new Client({ host: url }).decode(value);
  assert.deepEqual(
    { ...(decoded as object) },
    {
      id: 5,
      server_id: 2,
      monitor_id: null,
      ts: Date.UTC(2026, 2, 1, 12) * 1000,
      score: -0.5,
      step: 1,
      offset: 1e-9,
      rtt: 42,
      leap: 1,
      stratum: null,
      no_response: null,
      error: 'a>b',
      warning: null,
      from_ls_id: null,
      from_ss_id: null,
      attributes: null,
      extra: {},
    },
  );
});
