import type { LocalServer, ServerName } from '../server.ts';
import { folderFiles } from './compare/folder-files.ts';
import { gcsFiles } from './compare/gcs-files.ts';
import { readAvroSide, readBigquerySide, readClickhouseSide, type Side } from './compare/index.ts';
import { s3Files } from './compare/s3-files.ts';
import { createDataset } from './dataset.ts';
import { DATABASE, TOPIC } from './names.ts';

/** What a sink can be told of where it lands. */
export interface Place {
  /** A variable of the stack's environment. */
  readonly need: (name: string) => string;
  /** A folder of the demo's own, made before the services start. */
  readonly files: string;
}

/** One sink that the demo can start. */
export interface DemoSink {
  /** Its folder below `services/`, and the first part of its consumer group. */
  readonly service: string;
  /** What it lands in, in words. */
  readonly destination: string;
  /** What it lands in, of the stack. */
  readonly servers: readonly ServerName[];
  /** What must be there before the sink starts, and the stack does not make. */
  readonly prepare?: (place: Place) => Promise<void>;
  readonly settings: (place: Place) => Readonly<Record<string, string>>;
  /** Where a person looks at what has landed. */
  readonly look: (place: Place) => string;
  readonly read: (place: Place) => Promise<Side>;
}

/** Files are made after seconds instead of a day: somebody waits for them. */
const SOON = { batch_avro_interval: '5s' };

/** What the emulators have no use for: quotas are for a day, and a demo is over in minutes. */
const HASTE = {
  batch_bq_interval: '5s',
  bq_jobs_per_day: '100000',
  bq_partition_changes_per_day: '1000000',
};

const S3_ENV = [
  'S3_ENDPOINT',
  'S3_BUCKET',
  'S3_REGION',
  'S3_ACCESS_KEY_ID',
  'S3_SECRET_ACCESS_KEY',
] as const;

export const SINKS = {
  clickhouse: {
    service: 'sink-clickhouse',
    destination: 'ClickHouse',
    servers: ['clickhouse'],
    settings: ({ need }) => ({ ch_dsn: need('CH_DSN'), ch_http_url: need('CH_HTTP_URL') }),
    look: ({ need }) =>
      `${need('CH_HTTP_URL')}/play   SELECT * FROM ${DATABASE}.log_scores ORDER BY id DESC LIMIT 10`,
    read: ({ need }) => readClickhouseSide({ url: need('CH_HTTP_URL'), database: DATABASE }),
  },
  file: {
    service: 'sink-file',
    destination: 'files',
    servers: [],
    settings: ({ files }) => ({ ...SOON, avro_path: files }),
    look: ({ files }) => `${files}/${TOPIC}`,
    read: ({ files }) => readAvroSide('files', folderFiles(files)),
  },
  gcs: {
    service: 'sink-gcs',
    destination: 'GCS',
    servers: ['gcs'],
    settings: ({ need }) => ({
      ...SOON,
      gc_bucket: need('GCS_BUCKET'),
      gc_api_endpoint: need('GCS_ENDPOINT'),
    }),
    look: ({ need }) => `${need('GCS_ENDPOINT')}/storage/v1/b/${need('GCS_BUCKET')}/o`,
    read: ({ need }) => {
      const [endpoint, bucket] = [need('GCS_ENDPOINT'), need('GCS_BUCKET')];
      return readAvroSide('GCS', gcsFiles({ endpoint, bucket, prefix: `${TOPIC}/` }));
    },
  },
  s3: {
    service: 'sink-s3',
    destination: 'S3',
    servers: ['s3'],
    settings: ({ need }) => ({
      ...SOON,
      ...Object.fromEntries(S3_ENV.map((name) => [name.toLowerCase(), need(name)])),
      s3_path_style: 'true',
    }),
    look: ({ need }) => `${need('S3_ENDPOINT')}/${need('S3_BUCKET')}/${TOPIC}/`,
    read: ({ need }) => {
      const env = Object.fromEntries(S3_ENV.map((name) => [name, need(name)]));
      const files = s3Files({ env, bucket: need('S3_BUCKET'), prefix: `${TOPIC}/` });
      return readAvroSide('S3', files);
    },
  },
  bigquery: {
    service: 'sink-bigquery',
    destination: 'BigQuery',
    servers: ['bigquery'],
    prepare: ({ need }) => createDataset(need('BIGQUERY_ENDPOINT'), need('BIGQUERY_PROJECT')),
    settings: ({ need }) => ({
      ...HASTE,
      bq_project: need('BIGQUERY_PROJECT'),
      bq_dataset: DATABASE,
      bq_api_endpoint: need('BIGQUERY_ENDPOINT'),
    }),
    look: ({ need }) => `${need('BIGQUERY_ENDPOINT')}   ${need('BIGQUERY_PROJECT')}.${DATABASE}`,
    read: ({ need }) => {
      const [endpoint, project] = [need('BIGQUERY_ENDPOINT'), need('BIGQUERY_PROJECT')];
      return readBigquerySide({ endpoint, project, dataset: DATABASE });
    },
  },
} as const satisfies Readonly<Record<string, DemoSink>>;

export type SinkName = keyof typeof SINKS;

export const SINK_NAMES = Object.keys(SINKS) as readonly SinkName[];

/** What a demo starts that is not told otherwise: nothing that has to be built first. */
export const BY_DEFAULT: readonly SinkName[] = ['clickhouse', 'file'];

export function groupOf(sink: SinkName): string {
  return `${SINKS[sink].service}.${TOPIC}`;
}

export function serversOf(sinks: readonly SinkName[]): readonly ServerName[] {
  return [...new Set(sinks.flatMap((name): readonly ServerName[] => SINKS[name].servers))];
}

/** Those that have all their servers: the stack leaves out what this machine cannot run. */
export function startable(
  sinks: readonly SinkName[],
  servers: readonly Pick<LocalServer, 'name'>[],
): readonly SinkName[] {
  const there = new Set(servers.map(({ name }) => name));
  return sinks.filter((sink) => serversOf([sink]).every((name) => there.has(name)));
}
