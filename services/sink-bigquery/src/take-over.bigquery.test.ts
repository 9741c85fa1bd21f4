import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { pipeline, sampleRange, sampleRow, sinkProcess } from '@scoreline/landing/testing';
import { faultProxy, needServer, until } from '@scoreline/testing';

import { BigQueryApi } from './api.ts';
import { idsThere } from './ids-there.ts';
import { archive, archiverTable } from './testing/archiver.ts';
import { type TestDataset, testDataset } from './testing/dataset.ts';
import { FIRST, REPLAY, SIGNAL, testSink } from './testing/test-sink.ts';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

/** The archiver's last id, and what it has never seen: transactions that committed when it was past them. */
const BOUND = 1400;
const isLate = (id: number) => id % 20 > 16;

const idsTo = (to: number) => Array.from({ length: to }, (_, i) => i + 1);
const left = idsTo(BOUND).filter((id) => !isLate(id));

/** What the archiver's columns have, of the rows that it has left. */
function leftRows(dataset: TestDataset) {
  const { project, name } = dataset;
  return dataset.query(
    `SELECT id, monitor_id, server_id, UNIX_MICROS(ts), score, step, \`offset\`, rtt, leap, error
     FROM \`${project}.${name}.log_scores\` WHERE id <= ${BOUND} AND MOD(id, 20) <= 16 ORDER BY id`,
  );
}

/** The first answer to a load job is never given; a process that was killed then does not know what it has done. */
test('the archiver’s table is taken over while a process is killed: its rows stay, and what it lacks lands once', async (t) => {
  const brokers = needServer(t, 'kafka');
  const endpoint = needServer(t, 'bigquery');
  if (!brokers || !endpoint) return;
  const p = await pipeline(t, brokers, { partitions: 2 });
  const dataset = await testDataset(t, endpoint);
  await archiverTable(dataset);
  await archive(
    dataset,
    left.map((id) => sampleRow(id)),
  );
  const before = await leftRows(dataset);
  assert.equal(before.length, left.length);
  const proxy = await faultProxy(t, endpoint);
  proxy.next(({ method, path }) => method === 'POST' && path.includes('/upload/'), {
    kind: 'silence',
  });
  const env = {
    ...p.env,
    ...dataset.env,
    bq_api_endpoint: proxy.url,
    batch_bq_min_size: '1',
    batch_bq_max_size: '500',
    batch_bq_interval: '0ms',
    session_timeout: '6s',
  };
  await p.produceIds(1, 2001);
  const killed = sinkProcess(t, MAIN, { ...env, existing_rows: 'anti-join' });
  await until(() => proxy.fired.length === 1, { what: 'a job inserted', timeoutMs: 60_000 });
  await killed.kill('SIGKILL');
  // What was begun is remembered without the setting.
  const next = sinkProcess(t, MAIN, env);
  await until(async () => (await p.lag('bigquery')) === 0, {
    what: `lag 0\n${next.output()}`,
    timeoutMs: 60_000,
  });
  assert.equal(await next.kill('SIGTERM'), 0, next.output());

  assert.deepEqual(await leftRows(dataset), before);
  const rows = await dataset.rows();
  assert.deepEqual(
    rows.map(({ id }) => id),
    idsTo(2000),
  );
  assert.deepEqual(
    rows.filter(({ id }) => id > BOUND || isLate(id)),
    idsTo(2000)
      .filter((id) => id > BOUND || isLate(id))
      .map((id) => sampleRow(id)),
  );
});

test('two processes that ask at the same time load what lacks by one job', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const dataset = await testDataset(t, endpoint);
  await archiverTable(dataset);
  const range = sampleRange(idsTo(BOUND).map((id) => sampleRow(id)));
  const old = left.map((id) => sampleRow(id));
  await archive(dataset, old);
  const [one, two] = [testSink(dataset.env).sink, testSink(dataset.env).sink];
  for (const sink of [one, two]) await sink.start(SIGNAL);
  // Neither has seen what the other does: both ask the table while it lacks the same rows.
  const heldUpTo = await one.heldUpTo(SIGNAL);
  assert.equal(heldUpTo, left.at(-1));
  const attempt = { heldUpTo: BOUND };
  await Promise.all([
    one.write(range, { ...REPLAY, ...attempt }, SIGNAL),
    two.write(range, { ...REPLAY, ...attempt }, SIGNAL),
  ]);
  assert.deepEqual(
    (await dataset.rows()).map(({ id }) => id),
    idsTo(BOUND),
  );
  assert.equal((await dataset.jobs()).length, 1);
});

test('an answer of many pages is read to its end, and one that is lost is asked for again', async (t) => {
  const endpoint = needServer(t, 'bigquery');
  if (!endpoint) return;
  const dataset = await testDataset(t, endpoint);
  const proxy = await faultProxy(t, endpoint);
  await archiverTable(dataset);
  const ids = [1, 31, 32, 63, 64, 65_535, 65_536, 2 ** 32, 2 ** 40 + 7];
  const at = (id: number) => sampleRow(id, { ts: sampleRow(id % 100).ts });
  await archive(dataset, ids.map(at));
  const api = new BigQueryApi({ project: dataset.project, endpoint: proxy.url });
  const table = {
    project: dataset.project,
    dataset: dataset.name,
    table: 'log_scores',
    location: 'US',
  };
  const others = [2, 30, 33, 66, 65_537, 2 ** 40 + 8];
  const range = sampleRange([...ids, ...others].map(at));
  const there = await idsThere(api, table, range, { signal: SIGNAL, pageRows: 2 });
  assert.deepEqual(
    [...range.ids].filter((id) => there.has(id)),
    ids,
  );
  const asked = proxy.requests.map(({ method, path }) => `${method} ${path}`);
  const pages = asked.filter((line) => /GET .*\/queries\/.*pageToken/.test(line));
  assert.equal(pages.length, 3, asked.join('\n'));

  const { sink } = testSink({ ...dataset.env, bq_api_endpoint: proxy.url });
  await sink.start(SIGNAL);
  proxy.next(({ method, path }) => method === 'POST' && path.includes('/queries'), {
    kind: 'lose-answer',
  });
  const write = () => sink.write(range, { ...FIRST, heldUpTo: 2 ** 41 }, SIGNAL);
  await assert.rejects(write(), { action: 'retry', code: 'bigquery-unreachable' });
  await write();
  const landed = (await dataset.rows()).map(({ id }) => id);
  assert.deepEqual(
    landed,
    [...ids, ...others].toSorted((a, b) => a - b),
  );
});
