import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import type { SampleRow } from '@scoreline/landing/testing';
import { uniqueName } from '@scoreline/testing';

export interface JobSeen {
  readonly id: string;
  readonly state: string;
  readonly error: string | null;
}

/** A dataset of this test's own. Reads with code that the sink does not use. */
export interface TestDataset {
  readonly name: string;
  readonly project: string;
  readonly endpoint: string;
  /** Settings of a sink that lands here. */
  readonly env: Readonly<Record<string, string>>;
  request<T>(method: string, path: string, body?: object): Promise<T>;
  query(sql: string): Promise<(string | null)[][]>;
  createTable(table: object): Promise<void>;
  table(): Promise<Record<string, unknown>>;
  /** Every row as the Avro record had it, by id. */
  rows(): Promise<SampleRow[]>;
  /** Load jobs into the table, oldest first. */
  jobs(): Promise<JobSeen[]>;
}

const COLUMNS = [
  'id',
  'server_id',
  'monitor_id',
  'UNIX_MICROS(ts)',
  'score',
  'step',
  '`offset`',
  'rtt',
  'leap',
  'stratum',
  'no_response',
  'error',
  'warning',
  'from_ls_id',
  'from_ss_id',
  'attributes',
];

export async function testDataset(t: TestContext, endpoint: string): Promise<TestDataset> {
  const project = process.env['BIGQUERY_PROJECT'] ?? 'scoreline';
  const name = uniqueName('sink');
  const request = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`${endpoint}/bigquery/v2/projects/${project}/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as T;
  };
  await request('POST', 'datasets', { datasetReference: { projectId: project, datasetId: name } });
  t.after(() => request('DELETE', `datasets/${name}?deleteContents=true`));
  const query: TestDataset['query'] = async (sql) => {
    const { rows = [] } = await request<{ rows?: { f: { v: string | null }[] }[] }>(
      'POST',
      'queries',
      { query: sql, useLegacySql: false, maxResults: 1_000_000, timeoutMs: 60_000 },
    );
    return rows.map(({ f }) => f.map(({ v }) => v));
  };
  return {
    name,
    project,
    endpoint,
    env: { bq_api_endpoint: endpoint, bq_project: project, bq_dataset: name },
    request,
    query,
    async createTable(table) {
      const tableReference = { projectId: project, datasetId: name, tableId: 'log_scores' };
      await request('POST', `datasets/${name}/tables`, { tableReference, ...table });
    },
    table: () => request('GET', `datasets/${name}/tables/log_scores`),
    async rows() {
      const sql = `SELECT ${COLUMNS.join(', ')} FROM \`${project}.${name}.log_scores\` ORDER BY id`;
      return (await query(sql)).map(sampleOf);
    },
    async jobs() {
      const { jobs = [] } = await request<{ jobs?: JobResource[] }>(
        'GET',
        'jobs?projection=full&maxResults=1000',
      );
      return jobs
        .filter(({ configuration }) => configuration?.load?.destinationTable?.datasetId === name)
        .map(({ jobReference, status }) => ({
          id: jobReference.jobId,
          state: status.state,
          error: status.errorResult?.reason ?? null,
        }))
        .toReversed();
    },
  };
}

interface JobResource {
  readonly jobReference: { readonly jobId: string };
  readonly status: { readonly state: string; readonly errorResult?: { readonly reason: string } };
  readonly configuration?: {
    readonly load?: { readonly destinationTable?: { readonly datasetId: string } };
  };
}

function sampleOf(values: readonly (string | null)[]): SampleRow {
  const number = (at: number) => (values[at] === null ? null : Number(values[at]));
  return {
    id: Number(values[0]),
    server_id: Number(values[1]),
    monitor_id: number(2),
    ts: Number(values[3]),
    score: Number(values[4]),
    step: Number(values[5]),
    offset: number(6),
    rtt: number(7),
    leap: number(8),
    stratum: number(9),
    no_response: values[10] === null ? null : values[10] === 'true',
    error: values[11] ?? null,
    warning: values[12] ?? null,
    from_ls_id: number(13),
    from_ss_id: number(14),
    attributes: values[15] ?? null,
  };
}
