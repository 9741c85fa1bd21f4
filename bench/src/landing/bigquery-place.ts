import type { Bench } from '../bench.ts';
import { missingServer, type OpenPlace, type Place } from './place.ts';

/** A dataset of the emulator. */
export class BigqueryPlace implements Place {
  readonly #bench: Bench;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  missing(): string | null {
    return missingServer(this.#bench.env, 'BIGQUERY_ENDPOINT');
  }

  async open(round: number): Promise<OpenPlace> {
    const endpoint = this.#bench.env['BIGQUERY_ENDPOINT'] ?? '';
    const projectId = this.#bench.env['BIGQUERY_PROJECT'] ?? '';
    const datasetId = `bench_${round}`;
    const ask = (method: string, path: string, body?: object): Promise<string> =>
      request(`${endpoint}/bigquery/v2/projects/${projectId}/${path}`, method, body);
    await ask('POST', 'datasets', { datasetReference: { projectId, datasetId } });
    return {
      env: { bq_api_endpoint: endpoint, bq_project: projectId, bq_dataset: datasetId },
      identity: async () => {
        const query = `SELECT COUNT(*), COUNT(DISTINCT id), SUM(id) FROM \`${projectId}.${datasetId}.log_scores\``;
        const answer = await ask('POST', 'queries', {
          query,
          useLegacySql: false,
          timeoutMs: 60_000,
        });
        const { rows } = JSON.parse(answer) as { rows: { f: { v: string | null }[] }[] };
        const [count = 0, distinct = 0, sum = 0] = (rows[0]?.f ?? []).map(({ v }) => Number(v));
        return { count, distinct, sum };
      },
      close: async () => {
        await ask('DELETE', `datasets/${datasetId}?deleteContents=true`);
      },
    };
  }
}

async function request(url: string, method: string, body?: object): Promise<string> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`);
  return text;
}
