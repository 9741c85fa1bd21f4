import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '@scoreline/testing';

import type { Stack } from '../stack.ts';
import { killAndStart, ownStack, stopWhole } from './testing/own-stack.ts';

const DATASET = 'ntp';
const TABLE = 'kept';

/** What the tests here ask of BigQuery. */
class Client {
  readonly #endpoint: string;
  readonly #project: string;

  constructor(stack: Stack) {
    const env = stack.env();
    this.#endpoint = env['BIGQUERY_ENDPOINT'] ?? '';
    this.#project = env['BIGQUERY_PROJECT'] ?? '';
  }

  async createTable(): Promise<void> {
    const datasetReference = { projectId: this.#project, datasetId: DATASET };
    await this.#must('datasets', { datasetReference });
    await this.#must(`datasets/${DATASET}/tables`, {
      tableReference: { ...datasetReference, tableId: TABLE },
      schema: { fields: [{ name: 'id', type: 'INTEGER' }] },
    });
  }

  /** The status of asking for rows of `{"id": ...}` to be loaded, out of the request or from `source`. */
  async load(jobId: string, rows: string, source?: string): Promise<number> {
    const job = {
      jobReference: { projectId: this.#project, jobId },
      configuration: {
        load: {
          sourceFormat: 'NEWLINE_DELIMITED_JSON',
          destinationTable: { projectId: this.#project, datasetId: DATASET, tableId: TABLE },
          ...(source === undefined ? {} : { sourceUris: [source] }),
        },
      },
    };
    if (source !== undefined) return (await this.#post('jobs', job)).status;
    const form = `--x\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(job)}\r\n--x\r\ncontent-type: application/octet-stream\r\n\r\n${rows}\r\n--x--`;
    const response = await fetch(
      `${this.#endpoint}/upload/bigquery/v2/projects/${this.#project}/jobs?uploadType=multipart`,
      {
        method: 'POST',
        headers: { 'content-type': 'multipart/related; boundary=x' },
        body: form,
      },
    );
    await response.arrayBuffer();
    return response.status;
  }

  /** Waits for a job to end; without an error. */
  async done(jobId: string): Promise<void> {
    await until(async () => {
      const response = await fetch(`${this.#url('jobs')}/${jobId}`);
      const { status } = (await response.json()) as {
        status: { state: string; errorResult?: object };
      };
      assert.equal(status.errorResult, undefined);
      return status.state === 'DONE';
    });
  }

  async ids(): Promise<number[]> {
    const query = `SELECT id FROM ${DATASET}.${TABLE} ORDER BY id`;
    const response = await this.#post('queries', { query, useLegacySql: false });
    const { rows = [] } = (await response.json()) as { rows?: { f: { v: string }[] }[] };
    return rows.map(({ f }) => Number(f[0]?.v));
  }

  async #must(path: string, body: object): Promise<void> {
    const response = await this.#post(path, body);
    assert.equal(response.status, 200, await response.text());
  }

  #post(path: string, body: object): Promise<Response> {
    return fetch(this.#url(path), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  #url(path: string): string {
    return `${this.#endpoint}/bigquery/v2/projects/${this.#project}/${path}`;
  }
}

test('BigQuery accepts a job once, keeps rows through kill -9, reads the GCS beside it, and stops whole', async (t) => {
  const stack = await ownStack(t, 'gcs', 'bigquery');
  if (stack === null) return;
  const client = new Client(stack);
  await client.createTable();
  assert.equal(await client.load('upload', '{"id":1}\n'), 200);
  await client.done('upload');
  assert.equal(await client.load('upload', '{"id":1}\n'), 409);

  const { GCS_ENDPOINT: gcs = '', GCS_BUCKET: bucket = '' } = stack.env();
  const path = `/upload/storage/v1/b/${bucket}/o?uploadType=media&name=day%2Frows.json`;
  await fetch(gcs + path, { method: 'POST', body: '{"id":2}\n' });
  assert.equal(await client.load('object', '', `gs://${bucket}/day/rows.json`), 200);
  await client.done('object');

  await killAndStart(stack.bigquery);
  assert.deepEqual(await client.ids(), [1, 2]);
  assert.equal(await client.load('upload', '{"id":1}\n'), 409);
  await stopWhole(stack.bigquery);
});

test('of requests with one job id that come at once, BigQuery accepts one', async (t) => {
  const stack = await ownStack(t, 'gcs', 'bigquery');
  if (stack === null) return;
  const client = new Client(stack);
  await client.createTable();
  for (let round = 0; round < 8; round++) {
    const all = await Promise.all(
      Array.from({ length: 10 }, () => client.load(`round-${round}`, `{"id":${round}}\n`)),
    );
    assert.deepEqual(
      all.toSorted((a, b) => a - b),
      [200, ...Array.from({ length: 9 }, () => 409)],
    );
    await client.done(`round-${round}`);
  }
  assert.deepEqual(await client.ids(), [0, 1, 2, 3, 4, 5, 6, 7]);
});
