import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';

import {
  EXTREME_ROWS,
  rowDifferences,
  sampleRange,
  type SampleRow,
  sampleRow,
} from '@scoreline/landing/testing';
import { LOG_SCORE_V1 } from '@scoreline/schema';
import { needServer, uniqueName, until } from '@scoreline/testing';

import { FIRST, MemoryStore, testObjectSink } from './testing/index.ts';

const ROWS = [...EXTREME_ROWS, ...Array.from({ length: 500 }, (_, i) => sampleRow(i + 1000))];
const TYPES: ReadonlyMap<string, string> = new Map(
  LOG_SCORE_V1.fields.map(({ name, type }) => [name, JSON.stringify(type)]),
);

/** A value as the API gives it: text, or pairs. */
type Value = string | readonly { readonly v: { readonly f: readonly { readonly v: string }[] } }[];

/** The emulator has no snappy. */
for (const codec of ['null', 'deflate'] as const) {
  test(`BigQuery makes a table of files with codec ${codec} by itself, its timestamps TIMESTAMP`, async (t) => {
    const endpoint = needServer(t, 'bigquery');
    if (!endpoint) return;
    const store = new MemoryStore();
    const { sink } = await testObjectSink(t, { store, codec, blockRows: 300 });
    await sink.write(sampleRange(ROWS), FIRST, new AbortController().signal);
    const dataset = await testDataset(t, endpoint);
    for (const { bytes } of store.objects.values()) await dataset.load(bytes);
    const { fields } = await dataset.schema();
    assert.equal(fields.find(({ name }) => name === 'ts')?.type, 'TIMESTAMP');
    assert.deepEqual(rowDifferences(ROWS, await dataset.rows()), []);
  });
}

async function testDataset(t: TestContext, endpoint: string) {
  const projectId = process.env['BIGQUERY_PROJECT'] ?? '';
  const api = `bigquery/v2/projects/${projectId}`;
  const datasetId = uniqueName('files');
  const ask = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const answer = await fetch(`${endpoint}/${path}`, init);
    const said = await answer.text();
    assert.ok(answer.ok, said);
    return (said === '' ? {} : JSON.parse(said)) as T;
  };
  const post = <T>(path: string, body: object): Promise<T> =>
    ask<T>(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await post(`${api}/datasets`, { datasetReference: { projectId, datasetId } });
  t.after(() => ask(`${api}/datasets/${datasetId}?deleteContents=true`, { method: 'DELETE' }));
  return {
    /** As `bq load --source_format=AVRO --use_avro_logical_types`: without a schema. */
    async load(file: Buffer): Promise<void> {
      const jobId = randomUUID();
      const job = {
        jobReference: { projectId, jobId },
        configuration: {
          load: {
            destinationTable: { projectId, datasetId, tableId: 'loaded' },
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
          file,
          Buffer.from('\r\n--x--\r\n'),
        ]),
      });
      const done = async () => {
        const { status } = await ask<{ status: { state: string; errorResult?: object } }>(
          `${api}/jobs/${jobId}`,
        );
        assert.equal(status.errorResult, undefined);
        return status.state === 'DONE';
      };
      await until(done, { what: 'the load job' });
    },
    async schema(): Promise<{ fields: { name: string; type: string }[] }> {
      const path = `${api}/datasets/${datasetId}/tables/loaded`;
      return (await ask<{ schema: { fields: { name: string; type: string }[] } }>(path)).schema;
    },
    /** Every row as the Avro record had it. */
    async rows(): Promise<SampleRow[]> {
      const names = [...TYPES.keys()];
      const columns = names.map((name) => (name === 'ts' ? 'UNIX_MICROS(ts)' : `\`${name}\``));
      const query = `SELECT ${columns.join(', ')} FROM \`${projectId}.${datasetId}.loaded\``;
      const { rows } = await post<{ rows: { f: { v: Value | null }[] }[] }>(`${api}/queries`, {
        query,
        useLegacySql: false,
        maxResults: 10_000,
      });
      return rows.map(
        ({ f }) =>
          Object.fromEntries(
            names.map((name, at) => [name, valueOf(TYPES.get(name)!, f[at]?.v ?? null)]),
          ) as unknown as SampleRow,
      );
    },
  };
}

/** @param type of the Avro field. */
function valueOf(type: string, value: Value | null): unknown {
  if (value === null) return null;
  // The emulator makes JSON of a map, and BigQuery pairs.
  if (type.includes('"map"') && typeof value === 'string') return JSON.parse(value);
  if (typeof value !== 'string')
    return Object.fromEntries(value.map(({ v: { f } }) => [f[0]?.v, f[1]?.v]));
  if (type.includes('boolean')) return value === 'true';
  return type.includes('string') ? value : Number(value);
}
