import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';

import { encodeRow, pipeline, sampleRow } from '@scoreline/landing/testing';
import { KafkaServer } from '@scoreline/local';
import { needServer, uniqueName, until } from '@scoreline/testing';

import { Service, type ServiceName } from './harness/service.ts';

const PARTITIONS = 4;

const rows = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => encodeRow(sampleRow(from + i)));

test('kafka-consumer-groups shows each sink a lag of 0, whatever was aborted', async (t) => {
  const brokers = needServer(t, 'kafka');
  const gcs = needServer(t, 'gcs');
  const s3 = needServer(t, 's3');
  const clickhouse = needServer(t, 'clickhouse');
  const bigquery = needServer(t, 'bigquery');
  if (!brokers || !gcs || !s3 || !clickhouse || !bigquery) return;
  const folder = await mkdtemp(path.join(tmpdir(), 'drain-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const p = await pipeline(t, brokers, { partitions: PARTITIONS });
  // Rows and then an abort, an abort and then rows, aborts alone, and nothing at all.
  const produce = async (id: number) => {
    await p.produce(0, rows(id, 500));
    await p.produce(0, rows(id + 100_000, 50), 'abort');
    await p.produce(1, rows(id + 100_000, 50), 'abort');
    await p.produce(1, rows(id + 1000, 500));
    await p.produce(2, rows(id + 100_000, 50), 'abort');
  };
  await produce(1);
  const env = {
    ...p.env,
    spool_dir: folder,
    batch_avro_max_size: '300',
    batch_avro_interval: '0s',
    batch_bq_min_size: '1',
    batch_bq_interval: '0s',
  };
  const places: Readonly<Record<string, Env>> = {
    clickhouse: await inClickHouse(t, clickhouse),
    bigquery: await inBigQuery(t, bigquery),
    file: { avro_path: folder },
    gcs: { gc_bucket: process.env['GCS_BUCKET'] ?? '', gc_api_endpoint: gcs },
    s3: {
      s3_bucket: process.env['S3_BUCKET'] ?? '',
      s3_prefix: `${uniqueName('drain')}/`,
      s3_region: process.env['S3_REGION'] ?? '',
      s3_endpoint: s3,
      s3_path_style: 'true',
      s3_access_key_id: process.env['S3_ACCESS_KEY_ID'] ?? '',
      s3_secret_access_key: process.env['S3_SECRET_ACCESS_KEY'] ?? '',
    },
  };
  const sinks = Object.keys(places).toSorted((a, b) => a.localeCompare(b));
  const services = sinks.map(
    (sink) => new Service(`sink-${sink}` as ServiceName, { env: { ...env, ...places[sink] } }),
  );
  for (const service of services) {
    await service.start();
    t.after(() => service.kill());
  }
  const drained = async () => {
    for (const sink of sinks) {
      await until(async () => (await p.lag(sink)) === 0, {
        what: `lag 0 of ${sink}`,
        timeoutMs: 120_000,
      });
    }
  };
  await drained();
  await produce(10_001);
  await drained();
  const stopped = services.map(async (service) => {
    assert.equal((await service.stop()).code, 0, service.output);
  });
  await Promise.all(stopped);

  const kafka = new KafkaServer({ dir: folder, say: () => {} });
  const groups = sinks.map((sink) => p.groupOf(sink));
  const shown = await kafka.tool(
    'kafka-consumer-groups',
    ['--describe', '--offsets', ...groups.flatMap((group) => ['--group', group])],
    brokers,
  );
  const lags = shown
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([group = '']) => groups.includes(group))
    .map(([group, topic, partition, , , lag]) => ({ group, topic, partition, lag }));
  const { topic } = p;
  assert.deepEqual(
    lags.toSorted((a, b) => order(a).localeCompare(order(b))),
    groups.flatMap((group) =>
      Array.from({ length: PARTITIONS }, (_, n) => ({
        group,
        topic,
        partition: String(n),
        lag: '0',
      })),
    ),
    shown,
  );
});

type Env = Readonly<Record<string, string>>;

/** A database of this test's own. */
async function inClickHouse(t: TestContext, dsn: string): Promise<Env> {
  const ch_http_url = process.env['CH_HTTP_URL'] ?? '';
  const name = uniqueName('drain');
  const ask = async (body: string) => {
    const answer = await fetch(ch_http_url, { method: 'POST', body });
    assert.ok(answer.ok, await answer.text());
  };
  await ask(`CREATE DATABASE ${name} ENGINE = Atomic`);
  t.after(() => ask(`DROP DATABASE ${name} SYNC`));
  const ch_dsn = new URL(dsn);
  ch_dsn.pathname = `/${name}`;
  return { ch_dsn: ch_dsn.href, ch_http_url };
}

/** A dataset of this test's own. */
async function inBigQuery(t: TestContext, bq_api_endpoint: string): Promise<Env> {
  const bq_project = process.env['BIGQUERY_PROJECT'] ?? '';
  const bq_dataset = uniqueName('drain');
  const datasets = `${bq_api_endpoint}/bigquery/v2/projects/${bq_project}/datasets`;
  const answer = await fetch(datasets, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      datasetReference: { projectId: bq_project, datasetId: bq_dataset },
    }),
  });
  assert.ok(answer.ok, await answer.text());
  t.after(() => fetch(`${datasets}/${bq_dataset}?deleteContents=true`, { method: 'DELETE' }));
  return { bq_api_endpoint, bq_project, bq_dataset };
}

function order({
  group = '',
  partition = '',
}: Readonly<Record<string, string | undefined>>): string {
  return `${group} ${partition}`;
}
