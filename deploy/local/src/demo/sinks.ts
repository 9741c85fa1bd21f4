import type { LocalServer, ServerName } from '../server.ts';

/** One sink that the demo can start. */
export interface DemoSink {
  /** Its folder below `services/`, and the first part of its consumer group. */
  readonly service: string;
  /** What it lands in, of the stack. */
  readonly servers: readonly ServerName[];
  /** Its settings that the stack knows, each with the variable of stack.env that has the value. */
  readonly settings: Readonly<Record<string, string>>;
}

export const SINKS = {
  clickhouse: {
    service: 'sink-clickhouse',
    servers: ['clickhouse'],
    settings: { ch_dsn: 'CH_DSN', ch_http_url: 'CH_HTTP_URL' },
  },
} as const satisfies Readonly<Record<string, DemoSink>>;

export type SinkName = keyof typeof SINKS;

/** What a demo starts. Freshness, and the comparison at the end, are those of ClickHouse. */
export const STARTED: readonly SinkName[] = ['clickhouse'];

export function serversOf(sinks: readonly SinkName[]): readonly ServerName[] {
  return [...new Set(sinks.flatMap((name) => SINKS[name].servers))];
}

/** Those that have all their servers: the stack leaves out what this machine cannot run. */
export function startable(
  sinks: readonly SinkName[],
  servers: readonly Pick<LocalServer, 'name'>[],
): readonly SinkName[] {
  const there = new Set(servers.map(({ name }) => name));
  return sinks.filter((sink) => SINKS[sink].servers.every((name) => there.has(name)));
}
