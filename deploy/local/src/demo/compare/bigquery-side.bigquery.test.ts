import assert from 'node:assert/strict';
import { test } from 'node:test';

import { needServer, uniqueName } from '@scoreline/testing';

import { readBigquerySide } from './bigquery-side.ts';

test('every row of a table in BigQuery is read, over all pages, to the last bit', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (endpoint === '') return;
  const project = process.env['BIGQUERY_PROJECT'] ?? '';
  const dataset = uniqueName('side');
  const url = `${endpoint}/bigquery/v2/projects/${project}`;
  const post = async (path: string, body: object): Promise<void> => {
    const response = await fetch(`${url}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(response.ok, await response.text());
  };
  await post('datasets', { datasetReference: { projectId: project, datasetId: dataset } });
  t.after(() => fetch(`${url}/datasets/${dataset}?deleteContents=true`, { method: 'DELETE' }));
  const query = `CREATE TABLE \`${project}.${dataset}.log_scores\` AS
    SELECT id, 7 AS server_id, CAST(NULL AS INT64) AS monitor_id,
      TIMESTAMP_MICROS(1790000000000000 + id) AS ts, CAST('-0' AS FLOAT64) AS score,
      CAST('0.30000000000000004' AS FLOAT64) AS step, CAST(NULL AS FLOAT64) AS \`offset\`,
      -1 AS rtt, 1 AS leap, CAST(NULL AS INT64) AS stratum, TRUE AS no_response,
      '' AS error, CAST(NULL AS STRING) AS warning, CAST(NULL AS INT64) AS from_ls_id,
      CAST(NULL AS INT64) AS from_ss_id, '{"leap": 1}' AS attributes,
      [STRUCT('mood' AS key, 'good' AS value)] AS extra
    FROM UNNEST(GENERATE_ARRAY(1, 5)) AS id`;
  await post('queries', { query, useLegacySql: false });
  const side = await readBigquerySide({ endpoint, project, dataset, pageRows: 2 });
  assert.deepEqual([...side.rows.sorted().ids], [1, 2, 3, 4, 5]);
  const [found] = await side.find(new Set([3]));
  assert.equal(
    found?.text,
    'id=3 server_id=7 monitor_id=null ts=1790000000000003 score=-0 step=0.30000000000000004 offset=null rtt=-1 leap=1 stratum=null no_response=true error="" warning=null from_ls_id=null from_ss_id=null attributes="{\\"leap\\": 1}" extra=[["mood","good"]]',
  );
});
