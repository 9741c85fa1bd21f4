import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import { BigQueryApi } from './api.ts';
import { LoadJobs } from './load-jobs.ts';

const SIGNAL = new AbortController().signal;
const TABLE = { project: 'p', dataset: 'ntp', table: 'log_scores' };

/** Answers each request with the next of these, and keeps what was asked. */
async function jobsBehind(
  t: TestContext,
  answers: readonly { readonly status: number; readonly body: unknown }[],
) {
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    const { status, body } = answers[asked.length] ?? { status: 500, body: {} };
    asked.push(new URL(request.url ?? '', 'http://p'));
    response.writeHead(status);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, jobs: new LoadJobs(new BigQueryApi({ project: 'p', endpoint }), 'EU') };
}

const running = { jobReference: { jobId: 'j' }, status: { state: 'RUNNING' } };
const notFound = (reason: string) => ({
  error: { code: 404, message: 'Not found: Job p:EU.j', errors: [{ reason }] },
});

test('a job is asked for where it is, and so is its end', async (t) => {
  const { asked, jobs } = await jobsBehind(t, [
    { status: 200, body: running },
    { status: 200, body: {} },
  ]);
  assert.equal((await jobs.find('j', SIGNAL))?.isDone, false);
  await jobs.cancel('j', SIGNAL);
  assert.deepEqual(
    asked.map(({ pathname, searchParams }) => [pathname, searchParams.get('location')]),
    [
      ['/bigquery/v2/projects/p/jobs/j', 'EU'],
      ['/bigquery/v2/projects/p/jobs/j/cancel', 'EU'],
    ],
  );
});

test('only BigQuery itself may say that a job is not there', async (t) => {
  const { jobs } = await jobsBehind(t, [
    { status: 404, body: notFound('notFound') },
    { status: 404, body: '<html>No such page</html>' },
    { status: 200, body: { jobReference: { jobId: 'another' }, status: { state: 'DONE' } } },
  ]);
  assert.equal(await jobs.find('j', SIGNAL), null);
  await assert.rejects(jobs.find('j', SIGNAL), { status: 404, reason: '' });
  await assert.rejects(jobs.find('j', SIGNAL), { status: null });
});

test('of what a job says, its error and its rows count', async (t) => {
  const statistics = { creationTime: '1762992000000', load: { outputRows: '7' } };
  const errorResult = { reason: 'invalid', message: 'no' };
  const { jobs } = await jobsBehind(t, [
    { status: 200, body: { ...running, status: { state: 'DONE' }, statistics } },
    { status: 200, body: { ...running, status: { state: 'DONE', errorResult } } },
  ]);
  const createdMs = 1_762_992_000_000;
  assert.deepEqual(await jobs.find('j', SIGNAL), {
    id: 'j',
    isDone: true,
    createdMs,
    error: null,
    outputRows: 7,
  });
  assert.deepEqual((await jobs.find('j', SIGNAL))?.error, errorResult);
});

test('the table’s load jobs are listed, page by page, with what they cost', async (t) => {
  const job = (jobId: string, tableId: string, labels = {}) => ({
    jobReference: { jobId },
    statistics: { creationTime: '5' },
    configuration: {
      labels,
      load: { destinationTable: { projectId: 'p', datasetId: 'ntp', tableId } },
    },
  });
  const { asked, jobs } = await jobsBehind(t, [
    {
      status: 200,
      body: {
        nextPageToken: 'more',
        jobs: [
          job('a', 'log_scores', { scoreline_partitions: '3' }),
          job('b', 'other'),
          { jobReference: { jobId: 'query' }, configuration: { query: {} } },
        ],
      },
    },
    { status: 200, body: { jobs: [job('c', 'log_scores$20251113')] } },
  ]);
  assert.deepEqual(await jobs.list(TABLE, 4.5, SIGNAL), [
    { id: 'a', createdMs: 5, partitions: 3 },
    { id: 'c', createdMs: 5, partitions: 1 },
  ]);
  assert.deepEqual(
    asked.map(({ searchParams }) => [
      searchParams.get('minCreationTime'),
      searchParams.get('pageToken'),
    ]),
    [
      ['4', null],
      ['4', 'more'],
    ],
  );
});
