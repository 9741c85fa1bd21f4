import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import {
  folderFiles,
  gcsFiles,
  readAvroSide,
  readBigquerySide,
  readClickhouseSide,
  s3Files,
  type Side,
} from '@scoreline/local';

import type { Servers } from '../bad-input/servers.ts';
import type { Settings } from '../faults/fault.ts';

/** What a sink lands in, and how to look into it without any code of the sink's. */
export interface Archive {
  /** Of its sink, beside those that all have. */
  readonly settings: Settings;
  read(): Promise<Side>;
}

/** Where it is to be. */
export interface Place {
  readonly servers: Servers;
  readonly folder: string;
  readonly topic: string;
  /** The name that is free in every destination. */
  readonly database: string;
}

/** Files come at once. */
const AT_ONCE: Settings = { batch_avro_min_size: '1', batch_avro_interval: '0s' };

const S3 = ['S3_ENDPOINT', 'S3_REGION', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const;

async function file({ folder }: Place): Promise<Archive> {
  const files = path.join(folder, 'files');
  await mkdir(files, { recursive: true });
  return {
    settings: { ...AT_ONCE, avro_path: files },
    read: () => readAvroSide('file', folderFiles(files)),
  };
}

async function clickhouse({ servers, database }: Place): Promise<Archive> {
  await servers.clickhouse(`CREATE DATABASE ${database}`);
  const url = servers.endpoint('CH_HTTP_URL');
  return {
    settings: {
      ch_dsn: servers.endpoint('CH_DSN').replace(/\/ntp$/, `/${database}`),
      ch_http_url: url,
      ch_insert_spacing: '0ms',
    },
    read: () => readClickhouseSide({ url, database }),
  };
}

async function gcs({ folder, topic }: Place): Promise<Archive> {
  const [endpoint, bucket] = [need('GCS_ENDPOINT'), need('GCS_BUCKET')];
  return {
    settings: {
      ...AT_ONCE,
      spool_dir: await scratch(folder, 'gcs'),
      gc_bucket: bucket,
      gc_api_endpoint: endpoint,
    },
    read: () => readAvroSide('gcs', gcsFiles({ endpoint, bucket, prefix: `${topic}/` })),
  };
}

async function s3({ folder, topic }: Place): Promise<Archive> {
  const env = Object.fromEntries(S3.map((name) => [name, need(name)]));
  const bucket = need('S3_BUCKET');
  return {
    settings: {
      ...AT_ONCE,
      ...Object.fromEntries(S3.map((name) => [name.toLowerCase(), need(name)])),
      spool_dir: await scratch(folder, 's3'),
      s3_bucket: bucket,
      s3_path_style: 'true',
    },
    read: () => readAvroSide('s3', s3Files({ env, bucket, prefix: `${topic}/` })),
  };
}

async function bigquery({ folder, database }: Place): Promise<Archive> {
  const [endpoint, project] = [need('BIGQUERY_ENDPOINT'), need('BIGQUERY_PROJECT')];
  const answer = await fetch(`${endpoint}/bigquery/v2/projects/${project}/datasets`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ datasetReference: { projectId: project, datasetId: database } }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return {
    settings: {
      spool_dir: await scratch(folder, 'bigquery'),
      bq_api_endpoint: endpoint,
      bq_project: project,
      bq_dataset: database,
      batch_bq_min_size: '1',
      batch_bq_interval: '0s',
      bq_jobs_per_day: '100000',
      bq_partition_changes_per_day: '1000000',
    },
    read: () => readBigquerySide({ endpoint, project, dataset: database }),
  };
}

export const ARCHIVES = { bigquery, clickhouse, file, gcs, s3 } as const;

export type ArchiveName = keyof typeof ARCHIVES;

async function scratch(folder: string, name: string): Promise<string> {
  const own = path.join(folder, name);
  await mkdir(own, { recursive: true });
  return own;
}

/** Of the servers that are started for tests which are named after them. */
function need(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}
