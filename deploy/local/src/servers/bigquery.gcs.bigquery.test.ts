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

test('BigQuery', async (t) => {
  const stack = await ownStack(t, 'gcs', 'bigquery');
  if (stack === null) return;
  const client = new Client(stack);
  await client.createTable();

  await t.test('accepts one of requests with one job id that come at once', async () => {
    for (let round = 0; round < 8; round++) {
      const all = await Promise.all(
        Array.from({ length: 10 }, () => client.load(`round-${round}`, `{"id":${round}}\n`)),
      );
      const statuses = all.toSorted((a, b) => a - b);
      assert.deepEqual(statuses, [200, ...Array.from({ length: 9 }, () => 409)]);
      await client.done(`round-${round}`);
    }
    assert.deepEqual(await client.ids(), [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  await t.test('reads what is in the GCS beside it', async () => {
    const { GCS_ENDPOINT: gcs = '', GCS_BUCKET: bucket = '' } = stack.env();
    const path = `/upload/storage/v1/b/${bucket}/o?uploadType=media&name=day%2Frows.json`;
    await fetch(gcs + path, { method: 'POST', body: '{"id":8}\n' });
    assert.equal(await client.load('object', '', `gs://${bucket}/day/rows.json`), 200);
    await client.done('object');
    assert.equal((await client.ids()).at(-1), 8);
  });

  await t.test('keeps rows and job ids through kill -9, and stops whole', async () => {
    const before = await client.ids();
    await killAndStart(stack.bigquery);
    assert.deepEqual(await client.ids(), before);
    assert.equal(await client.load('object', '', 'gs://any'), 409);
    await stopWhole(stack.bigquery);
  });
});
