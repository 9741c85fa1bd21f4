import type { LocalServer, ServerName } from '../server.ts';
import { folderFiles } from './compare/folder-files.ts';
import { readAvroSide, readClickhouseSide, type Side } from './compare/index.ts';
import { DATABASE, TOPIC } from './names.ts';

/** What a sink can be told of where it lands. */
export interface Place {
  /** A variable of the stack's environment. */
  need(name: string): string;
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
  readonly settings: (place: Place) => Readonly<Record<string, string>>;
  /** Where a person looks at what has landed. */
  readonly look: (place: Place) => string;
  readonly read: (place: Place) => Promise<Side>;
}

/** Files are made after seconds instead of a day: somebody waits for them. */
const SOON = { batch_avro_interval: '5s' };

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
