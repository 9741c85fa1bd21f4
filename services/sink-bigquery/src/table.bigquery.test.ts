import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sampleRange, sampleRow } from '@scoreline/landing/testing';
import { faultProxy, needServer } from '@scoreline/testing';

import { FIELDS } from './table-schema.ts';
import { testDataset } from './testing/dataset.ts';
import { googleError } from './testing/google-errors.ts';
import { FIRST, SIGNAL, testSink } from './testing/test-sink.ts';

const ROWS = Array.from({ length: 100 }, (_, i) => sampleRow(i + 1));

/** What the archiver has left: fewer columns, and none that may be null but those it knew to be. */
const ARCHIVER = FIELDS.filter(
  ({ name }) => !/stratum|no_response|warning|from_|attributes/.test(name),
);

test('an archiver’s table gets the columns that it lacks, and keeps its rows', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const dataset = await testDataset(t, endpoint);
  await dataset.createTable({
    schema: {
      fields: ARCHIVER.map((field) =>
        field.name === 'monitor_id' ? { ...field, mode: 'REQUIRED' } : field,
      ),
    },
  });
  const table = `\`${dataset.project}.${dataset.name}.log_scores\``;
  await dataset.query(
    `INSERT INTO ${table} (id, server_id, monitor_id, ts, score, step) VALUES (1000000, 7, 8, TIMESTAMP '2025-01-01 00:00:00+00', 1.5, 1)`,
  );
  const { sink } = testSink(dataset.env);
  const destination = await sink.start(SIGNAL);
  assert.equal(destination.holdsRows, true);
  await sink.write(sampleRange(ROWS), FIRST, SIGNAL);
  const rows = await dataset.rows();
  assert.deepEqual(rows.slice(0, 100), ROWS);
  assert.deepEqual(
    [rows[100]?.id, rows[100]?.monitor_id, rows[100]?.stratum, rows[100]?.ts],
    [1_000_000, 8, null, 1_735_689_600_000_000],
  );
});

test('a table whose ts is INTEGER is refused with the SQL that converts it, and is not touched', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const dataset = await testDataset(t, endpoint);
  const fields = ARCHIVER.map((field) =>
    field.name === 'ts' ? { ...field, type: 'INTEGER' } : field,
  );
  await dataset.createTable({ schema: { fields } });
  await assert.rejects(testSink(dataset.env).sink.start(SIGNAL), {
    code: 'table-mismatch',
    exitCode: 2,
    message: /ts is INTEGER and must be TIMESTAMP/,
    remedy: /SELECT \* REPLACE \(CASE WHEN ts < /,
  });
  const { schema } = (await dataset.table()) as { schema: { fields: unknown[] } };
  assert.equal(schema.fields.length, fields.length);
});

test('of members that start at the same time one creates the table, and the others find it', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const dataset = await testDataset(t, endpoint);
  const first = await testSink(dataset.env).sink.start(SIGNAL);
  const proxy = await faultProxy(t, endpoint);
  // It is created right after it was asked for, and not everywhere known at once.
  proxy.next(
    ({ method, path }) => method === 'GET' && path.includes('/tables/'),
    googleError(404, 'notFound', 'Not found: Table'),
    3,
  );
  const second = testSink({ ...dataset.env, bq_api_endpoint: proxy.url }).sink;
  assert.deepEqual(await second.start(SIGNAL), first);
  assert.equal(proxy.fired.length, 3);
  assert.ok(
    proxy.requests.some(({ method, path }) => method === 'POST' && path.endsWith('/tables')),
  );
});

test('a dataset that is not there, and an address where nobody answers, are the settings’', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const dataset = await testDataset(t, endpoint);
  const start = (env: Record<string, string>) =>
    testSink({ ...dataset.env, ...env }).sink.start(SIGNAL);
  await assert.rejects(start({ bq_dataset: 'missing' }), {
    action: 'configure',
    message: /^bq_dataset: there is no dataset/,
    remedy: /bq mk/,
  });
  await assert.rejects(start({ bq_api_endpoint: 'http://127.0.0.1:1' }), {
    action: 'configure',
    code: 'bigquery-unreachable',
  });
});
