import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { FIRST_DAY_US, sampleRange, sampleRow } from '@scoreline/landing/testing';
import { needServer, uniqueName, until } from '@scoreline/testing';

import { FIRST, MemoryStore, testObjectSink } from './testing/index.ts';

const ROWS = Array.from({ length: 500 }, (_, i) => sampleRow(i + 1));

test('BigQuery makes a table of a file by itself, its timestamps TIMESTAMP', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const project = process.env['BIGQUERY_PROJECT'] ?? '';
  const api = `bigquery/v2/projects/${project}`;
  const ask = async (path: string, init: RequestInit = {}): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${endpoint}/${path}`, init);
    const said = await answer.text();
    assert.ok(answer.ok, said);
    return (said === '' ? {} : JSON.parse(said)) as Record<string, unknown>;
  };
  const post = (path: string, body: object) =>
    ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const store = new MemoryStore();
  const { sink } = await testObjectSink(t, { store });
  await sink.write(sampleRange(ROWS), FIRST, new AbortController().signal);
  const [file] = store.objects.values();
  const datasetId = uniqueName('files');
  await post(`${api}/datasets`, { datasetReference: { projectId: project, datasetId } });
  t.after(() => ask(`${api}/datasets/${datasetId}?deleteContents=true`, { method: 'DELETE' }));

  // As `bq load --source_format=AVRO --use_avro_logical_types`: without a schema.
  const jobId = randomUUID();
  const job = {
    jobReference: { projectId: project, jobId },
    configuration: {
      load: {
        destinationTable: { projectId: project, datasetId, tableId: 'loaded' },
        sourceFormat: 'AVRO',
        useAvroLogicalTypes: true,
      },
    },
  };
  await ask(`upload/${api}/jobs?uploadType=multipart`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/related; boundary=x' },
    body: Buffer.concat([
      Buffer.from(`--x\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(job)}\r\n`),
      Buffer.from('--x\r\ncontent-type: application/octet-stream\r\n\r\n'),
      file!.bytes,
      Buffer.from('\r\n--x--\r\n'),
    ]),
  });
  const done = async () => {
    const { status } = (await ask(`${api}/jobs/${jobId}`)) as {
      status: { state: string; errorResult?: object };
    };
    assert.equal(status.errorResult, undefined);
    return status.state === 'DONE';
  };
  await until(done, { what: 'the load job' });

  const { schema } = (await ask(`${api}/datasets/${datasetId}/tables/loaded`)) as {
    schema: { fields: { name: string; type: string }[] };
  };
  assert.equal(schema.fields.find(({ name }) => name === 'ts')?.type, 'TIMESTAMP');
  const query = `SELECT COUNT(*), MIN(UNIX_MICROS(ts)), MAX(UNIX_MICROS(ts))
    FROM \`${project}.${datasetId}.loaded\``;
  const { rows } = await post(`${api}/queries`, { query, useLegacySql: false });
  const [first, last] = [FIRST_DAY_US + 1000, FIRST_DAY_US + ROWS.length * 1000];
  assert.deepEqual(rows, [{ f: [500, first, last].map((value) => ({ v: String(value) })) }]);
});
