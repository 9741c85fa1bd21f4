import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { pipeline, sampleRow, sinkProcess } from '@scoreline/landing/testing';
import { faultProxy, needServer, type ProxiedRequest, until } from '@scoreline/testing';

import { testDataset } from './testing/dataset.ts';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
const ROWS = 1500;

const uploads = ({ method, path }: ProxiedRequest) =>
  method === 'POST' && path.includes('/upload/');

test('a process that is killed between inserting a job and hearing of it is replaced, and every row lands once', async (t) => {
  const brokers = needServer(t, 'kafka');
  const endpoint = needServer(t, 'bigquery');
  if (!brokers || !endpoint) return;
  const p = await pipeline(t, brokers, { partitions: 2 });
  const dataset = await testDataset(t, endpoint);
  const proxy = await faultProxy(t, endpoint);
  const env = {
    ...p.env,
    ...dataset.env,
    bq_api_endpoint: proxy.url,
    batch_bq_min_size: '1',
    batch_bq_max_size: '500',
    batch_bq_interval: '0ms',
    session_timeout: '6s',
  };
  for (let round = 0; round < 2; round++) {
    // Never answered: a process that is killed then does not know what it has done.
    proxy.next(uploads, { kind: 'silence' });
    await p.produceIds(round * ROWS + 1, (round + 1) * ROWS + 1);
    const killed = sinkProcess(t, MAIN, env);
    await until(() => proxy.fired.length === round + 1, {
      what: `job ${round} inserted`,
      timeoutMs: 60_000,
    });
    await killed.kill('SIGKILL');
    const next = sinkProcess(t, MAIN, env);
    await until(async () => (await p.lag('bigquery')) === 0, {
      what: `lag 0\n${next.output()}`,
      timeoutMs: 60_000,
    });
    assert.equal(await next.kill('SIGTERM'), 0, next.output());
  }
  assert.deepEqual(
    await dataset.rows(),
    Array.from({ length: 2 * ROWS }, (_, i) => sampleRow(i + 1)),
  );
  const jobs = await dataset.jobs();
  assert.ok(jobs.every(({ id, state, error }) => id.endsWith('-a0') && state === 'DONE' && !error));
  assert.equal(proxy.fired.length, 2);
});
