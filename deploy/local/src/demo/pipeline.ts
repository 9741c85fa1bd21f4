import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { ServerName } from '../server.ts';
import type { Stack } from '../stack.ts';
import { createSchema } from '../traffic/index.ts';
import { demoFolder } from './folder.ts';
import { Freshness } from './freshness.ts';
import { Gauges } from './gauges.ts';
import { DATABASE, TOPIC } from './names.ts';
import type { DemoOptions } from './options.ts';
import { ServiceProcess } from './service-process.ts';
import { type DemoSink, groupOf, type Place, serversOf, SINKS, startable } from './sinks.ts';
import { TrafficProcess } from './traffic-process.ts';

/** Milliseconds that each has for its end; together they stay below ten seconds. */
const TRAFFIC_GRACE_MS = 1_500;
const SERVICE_GRACE_MS = 3_000;

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
  readonly place: Place;
  readonly services: readonly ServiceProcess[];
  readonly traffic: TrafficProcess;
  readonly gauges: Gauges;
  readonly freshness: Freshness;

  constructor(stack: Stack, { mysql, sinks, rate, seed, rows }: DemoOptions) {
    const env = stack.env();
    const need = (name: string): string => {
      const value = env[name];
      if (value === undefined) throw new Error(`the stack does not say ${name}`);
      return value;
    };
    const dir = demoFolder(stack);
    const started = startable(sinks, stack.servers);
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
    const service = (name: string, own: Readonly<Record<string, string>> = {}): ServiceProcess => {
      const program = fileURLToPath(
        new URL(`../../../../services/${name}/dist/main.js`, import.meta.url),
      );
      return new ServiceProcess({ name, dir, program, env: { ...serviceEnv, ...own } });
    };
    this.services = [
      service('capture'),
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

  async stop(): Promise<void> {
    await this.traffic.stop(TRAFFIC_GRACE_MS);
    await this.stopServices();
    await this.gauges.stop().catch(() => {});
  }

  async stopServices(): Promise<void> {
    await Promise.all(this.services.map((service) => service.stop(SERVICE_GRACE_MS)));
  }
}
