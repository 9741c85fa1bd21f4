import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { ServerName } from '../server.ts';
import type { Stack } from '../stack.ts';
import { createSchema } from '../traffic/index.ts';
import { ActionProcess } from './action-process.ts';
import { demoFolder } from './folder.ts';
import { Freshness } from './freshness.ts';
import { Gauges } from './gauges.ts';
import { DATABASE, TOPIC } from './names.ts';
import type { DemoOptions } from './options.ts';
import { ServiceProcess } from './service-process.ts';
import {
  type DemoSink,
  groupOf,
  type Place,
  serversOf,
  type SinkName,
  SINKS,
  startable,
} from './sinks.ts';
import { TrafficProcess } from './traffic-process.ts';

/** Milliseconds that each has for its end; together they stay below ten seconds. */
const TRAFFIC_GRACE_MS = 1_500;
const PURGE_GRACE_MS = 1_500;
const SERVICE_GRACE_MS = 3_000;

/** The purge keeps what is younger; half of the rows are older than that by some days. */
const RETENTION_DAYS = 15;
const BACKLOG_DAYS = 20;

export function serversFor({ mysql, sinks }: DemoOptions): readonly ServerName[] {
  return ['kafka', 'registry', mysql ? 'mysql' : 'mariadb', ...serversOf(sinks)];
}

/** Where the sides are, as their readers want it. */
export interface Addresses {
  readonly adminDsn: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** Null where nothing lands in ClickHouse. */
  readonly clickhouseUrl: string | null;
}

/** Everything of the demo above the servers: traffic, services, gauges. */
export class Pipeline {
  readonly addresses: Addresses;
  /** What rows land in: the sinks that were asked for and can be had. */
  readonly sinks: readonly DemoSink[];
  readonly sinkNames: readonly SinkName[];
  readonly place: Place;
  readonly services: readonly ServiceProcess[];
  readonly traffic: TrafficProcess;
  readonly gauges: Gauges;
  readonly freshness: Freshness;
  readonly #dir: string;
  readonly #serviceEnv: Readonly<Record<string, string>>;
  #purge: ActionProcess | undefined;

  constructor(stack: Stack, { mysql, sinks, rate, seed, rows }: DemoOptions) {
    const env = stack.env();
    const need = (name: string): string => {
      const value = env[name];
      if (value === undefined) throw new Error(`the stack does not say ${name}`);
      return value;
    };
    const dir = demoFolder(stack);
    this.#dir = dir;
    const started = startable(sinks, stack.servers);
    this.sinkNames = started;
    this.sinks = started.map((name): DemoSink => SINKS[name]);
    this.place = { need, files: join(dir, 'files') };
    this.addresses = {
      adminDsn: need(mysql ? 'MYSQL_ADMIN_DSN' : 'ADMIN_DSN'),
      brokers: need('KAFKA_BROKERS').split(','),
      registryUrl: need('SCHEMA_REGISTRY_URL'),
      clickhouseUrl: started.includes('clickhouse') ? need('CH_HTTP_URL') : null,
    };
    const serviceEnv = {
      ...env,
      DATABASE_DSN: need(mysql ? 'MYSQL_DSN' : 'DATABASE_DSN'),
      initial: 'all',
      // What the traffic writes, wherever this machine is.
      source_time_zone: 'UTC',
      // Whoever kills a sink wants to see it come back, and its partitions with it.
      session_timeout: '6s',
      shutdown_grace: `${SERVICE_GRACE_MS - 500}ms`,
    };
    this.#serviceEnv = serviceEnv;
    const service = (name: string, own: Readonly<Record<string, string>> = {}): ServiceProcess => {
      return new ServiceProcess({
        name,
        dir,
        program: programOf(name),
        env: { ...serviceEnv, ...own },
      });
    };
    this.services = [
      // The purge waits for capture to be where the table is, and somebody for the purge.
      service('capture', { checkpoint_interval: '500ms' }),
      ...this.sinks.map((sink) => service(sink.service, sink.settings(this.place))),
    ];
    const { brokers, clickhouseUrl, adminDsn } = this.addresses;
    const groups = Object.fromEntries(started.map((name) => [name, groupOf(name)]));
    const where = { topic: TOPIC, groups, database: DATABASE };
    this.gauges = new Gauges({ brokers, clickhouseUrl, ...where });
    this.freshness = new Freshness((probes) => this.gauges.arrived(probes));
    this.traffic = new TrafficProcess({
      dsn: adminDsn,
      rate,
      seed,
      rows,
      backlogDays: BACKLOG_DAYS,
      onReport: ({ newest }) => newest && this.freshness.expect(newest),
    });
  }

  async start(): Promise<void> {
    await mkdir(this.place.files, { recursive: true });
    for (const sink of this.sinks) await sink.prepare?.(this.place);
    await createSchema(this.addresses.adminDsn);
    await this.gauges.start();
    await Promise.all(this.services.map((service) => service.start()));
    this.traffic.start();
  }

  /** The purge's program, for whom the DSN names; it ends with the rest. */
  purge(dsn: string): ActionProcess {
    const dir = this.#dir;
    this.#purge = new ActionProcess({
      name: 'purge',
      dir,
      program: programOf('purge'),
      env: {
        ...this.#serviceEnv,
        DATABASE_DSN: dsn,
        sinks: this.sinkNames.join(','),
        retention_days: String(RETENTION_DAYS),
        // The one that is there by default is for the purges of this whole machine.
        purge_pause_file: join(dir, 'purge.pause'),
      },
    });
    return this.#purge;
  }

  async stop(): Promise<void> {
    await this.traffic.stop(TRAFFIC_GRACE_MS);
    await this.stopPurge(PURGE_GRACE_MS);
    await this.stopServices();
    await this.gauges.stop().catch(() => {});
  }

  async stopPurge(graceMs: number): Promise<void> {
    await this.#purge?.stop(graceMs);
  }

  async stopServices(): Promise<void> {
    await Promise.all(this.services.map((service) => service.stop(SERVICE_GRACE_MS)));
  }
}

function programOf(service: string): string {
  return fileURLToPath(new URL(`../../../../services/${service}/dist/main.js`, import.meta.url));
}
