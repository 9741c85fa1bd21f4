import { fileURLToPath } from 'node:url';

import type { ServerName } from '../server.ts';
import type { Stack } from '../stack.ts';
import { createSchema } from '../traffic/index.ts';
import { demoFolder } from './folder.ts';
import { Freshness } from './freshness.ts';
import { Gauges } from './gauges.ts';
import type { DemoOptions } from './options.ts';
import { ServiceProcess } from './service-process.ts';
import { serversOf, SINKS, startable, STARTED } from './sinks.ts';
import { TrafficProcess } from './traffic-process.ts';

export const TOPIC = 'log_scores-v1';
export const GROUP = `${SINKS.clickhouse.service}.${TOPIC}`;
export const DATABASE = 'ntp';

/** Milliseconds that each has for its end; together they stay below ten seconds. */
const TRAFFIC_GRACE_MS = 1_500;
const SERVICE_GRACE_MS = 3_000;

export function serversFor({ mysql }: DemoOptions): readonly ServerName[] {
  return ['kafka', 'registry', mysql ? 'mysql' : 'mariadb', ...serversOf(STARTED)];
}

/** Where the sides are, as their readers want it. */
export interface Addresses {
  readonly adminDsn: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly clickhouseUrl: string;
}

/** Everything of the demo above the servers: traffic, services, gauges. */
export class Pipeline {
  readonly addresses: Addresses;
  readonly services: readonly ServiceProcess[];
  readonly traffic: TrafficProcess;
  readonly gauges: Gauges;
  readonly freshness: Freshness;

  constructor(stack: Stack, { mysql, rate, seed, rows }: DemoOptions) {
    const env = stack.env();
    const need = (name: string): string => {
      const value = env[name];
      if (value === undefined) throw new Error(`the stack does not say ${name}`);
      return value;
    };
    this.addresses = {
      adminDsn: need(mysql ? 'MYSQL_ADMIN_DSN' : 'ADMIN_DSN'),
      brokers: need('KAFKA_BROKERS').split(','),
      registryUrl: need('SCHEMA_REGISTRY_URL'),
      clickhouseUrl: need('CH_HTTP_URL'),
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
    const dir = demoFolder(stack);
    const service = (name: string, own: Readonly<Record<string, string>> = {}): ServiceProcess => {
      const program = fileURLToPath(
        new URL(`../../../../services/${name}/dist/main.js`, import.meta.url),
      );
      return new ServiceProcess({ name, dir, program, env: { ...serviceEnv, ...own } });
    };
    this.services = [
      service('capture'),
      ...startable(STARTED, stack.servers).map((name) => {
        const own = Object.entries(SINKS[name].settings);
        const settings = own.map(([setting, variable]) => [setting, need(variable)] as const);
        return service(SINKS[name].service, Object.fromEntries(settings));
      }),
    ];
    const { brokers, clickhouseUrl, adminDsn } = this.addresses;
    const where = { topic: TOPIC, group: GROUP, database: DATABASE };
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
