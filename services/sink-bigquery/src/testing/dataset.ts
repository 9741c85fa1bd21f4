import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import type { SampleRow } from '@scoreline/landing/testing';
import { LOG_SCORE_V1 } from '@scoreline/schema';
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
  query(sql: string): Promise<(Value | null)[][]>;
  createTable(table: object): Promise<void>;
  table(): Promise<Record<string, unknown>>;
  /** Every row as the Avro record had it, by id. */
  rows(): Promise<SampleRow[]>;
  /** Load jobs into the table, oldest first. */
  jobs(): Promise<JobSeen[]>;
}

/** A value as the API gives it: text, or pairs. */
type Value = string | readonly { readonly v: { readonly f: readonly { readonly v: string }[] } }[];

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
    const body = { query: sql, useLegacySql: false, maxResults: 1_000_000, timeoutMs: 60_000 };
    const ask = () => request<{ rows?: { f: { v: Value | null }[] }[] }>('POST', 'queries', body);
    // The emulator ends connections that were idle, also while they are taken up again.
    const { rows = [] } = await ask().catch((error: unknown) => {
      if (error instanceof TypeError) return ask();
      throw error;
    });
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
      const columns = LOG_SCORE_V1.fields.map(({ name }) =>
        name === 'ts' ? 'UNIX_MICROS(ts)' : `\`${name}\``,
      );
      const sql = `SELECT ${columns.join(', ')} FROM \`${project}.${name}.log_scores\` ORDER BY id`;
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

function sampleOf(values: readonly (Value | null)[]): SampleRow {
  const row = LOG_SCORE_V1.fields.map(({ name, type }, at) => [
    name,
    valueOf(JSON.stringify(type), values[at] ?? null),
  ]);
  return Object.fromEntries(row) as SampleRow;
}

/** @param type of the Avro field. */
function valueOf(type: string, value: Value | null): unknown {
  if (value === null) return null;
  if (typeof value !== 'string')
    return Object.fromEntries(value.map(({ v: { f } }) => [f[0]?.v, f[1]?.v]));
  if (type.includes('boolean')) return value === 'true';
  return type.includes('string') ? value : Number(value);
}
