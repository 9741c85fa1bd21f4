import type { Servers } from '../bad-input/servers.ts';
import type { Settings } from '../faults/fault.ts';
import { inDatabase } from '../harness/own-table.ts';
import { Service, type ServiceName } from '../harness/service.ts';
import type { ArchiveName } from './archive.ts';

/** Soon enough to see what an event does, and nobody waits for long. */
const QUICK: Settings = {
  linger: '5ms',
  checkpoint_interval: '200ms',
  heartbeat_interval: '500ms',
  source_timeout: '5s',
  fence_interval: '500ms',
  fence_timeout: '5s',
  kafka_transaction_timeout: '5s',
};

/** The programs of one scene, with what they must be told; none is started here, and all are ended. */
export class Programs {
  readonly #servers: Servers;
  readonly #prefix: string;
  readonly #database: string;
  readonly #all: Service[] = [];

  constructor(servers: Servers, prefix: string, database: string) {
    this.#servers = servers;
    this.#prefix = prefix;
    this.#database = database;
  }

  async end(): Promise<void> {
    await Promise.all(this.#all.filter(({ running }) => running).map((one) => one.kill()));
  }

  capture(settings: Settings = {}, program?: URL): Service {
    const own = {
      database_dsn: this.#dsn('user'),
      initial: 'all',
      exclude: 'attributes=/excluded/',
    };
    return this.#service('capture', { ...own, ...QUICK, ...settings }, program);
  }

  sink(name: ArchiveName, settings: Settings, program?: URL): Service {
    return this.#service(`sink-${name}`, { session_timeout: '6s', ...settings }, program);
  }

  purge(settings: Settings): Service {
    const own = {
      database_dsn: this.#dsn('admin'),
      proof_max_age: '2s',
      pass_interval: '500ms',
      cool_down: '500ms',
      // Its rows refer to rows, which are kept then: what it does is told elsewhere.
      archive_status: 'false',
      trim_interval: '0s',
    };
    return this.#service('purge', { ...own, ...settings });
  }

  #dsn(of: 'user' | 'admin'): string {
    return inDatabase(this.#servers.dsn(of), this.#database);
  }

  #service(name: ServiceName, settings: Settings, program?: URL): Service {
    const shared = {
      kafka_brokers: this.#servers.endpoint('KAFKA_BROKERS'),
      schema_registry_url: this.#servers.endpoint('SCHEMA_REGISTRY_URL'),
      topic_prefix: this.#prefix,
      topic_partitions: '2',
      topic_replication: '1',
      source_time_zone: 'UTC',
      shutdown_grace: '10s',
    };
    const service = new Service(name, {
      env: { ...shared, ...settings },
      ...(program === undefined ? {} : { program }),
    });
    this.#all.push(service);
    return service;
  }
}
