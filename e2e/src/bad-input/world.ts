import { ledgerTopic } from '@scoreline/ledger';
import { until } from '@scoreline/testing';
import type { RowDataPacket } from 'mysql2/promise';

import { Service, type ServiceName } from '../harness/service.ts';
import type { Servers } from './servers.ts';

export const TABLE = 'log_scores';
const PARTITIONS = 2;
export const ROWS = 20;

/** As the pool has it, without the tables around it. */
export const COLUMNS = `
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  monitor_id int unsigned DEFAULT NULL,
  server_id int unsigned NOT NULL,
  ts datetime NOT NULL,
  score double NOT NULL DEFAULT 0,
  step double NOT NULL DEFAULT 0,
  \`offset\` double DEFAULT NULL,
  rtt mediumint DEFAULT NULL,
  attributes text`;

/** Settings of a service; undefined leaves one out. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** A pipeline that nothing is wrong with yet: a database, topics and a destination of its own on servers that all share. */
export class World {
  readonly servers: Servers;
  readonly database: string;
  readonly prefix: string;
  readonly topic: string;
  readonly subject: string;
  readonly group: string;
  readonly ledger: string;
  readonly #undo: (() => Promise<unknown>)[] = [];
  readonly #services: Service[] = [];

  constructor(servers: Servers, number: number) {
    this.servers = servers;
    this.database = `bad_${number}`;
    this.prefix = `bad-${number}.`;
    this.topic = `${this.prefix}${TABLE}-v1`;
    this.subject = `${this.topic}-value`;
    this.group = `sink-clickhouse.${this.topic}`;
    this.ledger = ledgerTopic(TABLE, this.prefix);
  }

  async create(): Promise<void> {
    const { database } = this;
    await this.sql(`CREATE DATABASE ${database}`);
    await this.sql(`GRANT SELECT ON ${database}.* TO 'scoreline'@'%'`);
    await this.sql(`CREATE TABLE ${this.table} (${COLUMNS}) ENGINE=InnoDB`);
    await this.clickhouse(`CREATE DATABASE ${database}`);
  }

  /** Ends what still runs, and makes good what was made wrong for everybody. */
  async end(): Promise<void> {
    for (const service of this.#services) if (service.running) await service.kill();
    for (const undo of this.#undo.toReversed()) await undo();
  }

  get table(): string {
    return `${this.database}.${TABLE}`;
  }

  /** The text with this world's names for `{database}`, `{topic}`, `{subject}`, ... and the servers' addresses. */
  fill(text: string): string {
    const { database, topic, subject, group, ledger, servers } = this;
    const names: Readonly<Record<string, () => string>> = {
      database: () => database,
      topic: () => topic,
      subject: () => subject,
      group: () => group,
      ledger: () => ledger,
      mariadb: () => /\((.*)\)/.exec(servers.endpoint('DATABASE_DSN'))?.[1] ?? '',
      clickhouse: () => servers.endpoint('CH_HTTP_URL'),
    };
    return text.replaceAll(/\{(\w+)\}/g, (all, name: string) => names[name]?.() ?? all);
  }

  service(name: ServiceName, settings: Settings = {}): Service {
    const all: Settings = { ...this.#goodSettings(), ...settings };
    const env = Object.fromEntries(
      Object.entries(all).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, this.fill(value)] as const],
      ),
    );
    const service = new Service(name, { env });
    this.#services.push(service);
    return service;
  }

  /** Rows in the topic, put there by a capture that has ended since. */
  async capture(): Promise<void> {
    const capture = this.service('capture');
    await capture.start();
    await capture.ready();
    await this.insert();
    await until(async () => (await this.servers.topicRows(this.topic)) >= ROWS, {
      what: `${ROWS} rows in ${this.topic}`,
    });
    await stopped(capture);
  }

  /** The same rows in ClickHouse, put there by a sink that has ended since. */
  async land(): Promise<void> {
    const sink = this.service('sink-clickhouse');
    await sink.start();
    await until(
      async () =>
        (await this.servers.landed(this.database)) === ROWS &&
        (await this.servers.lag(this.group, this.topic)) === 0,
      { what: `${ROWS} rows in ClickHouse` },
    );
    await stopped(sink);
  }

  async insert(rows = ROWS): Promise<void> {
    const values = Array.from(
      { length: rows },
      (_, row) => `(${row + 1}, UTC_TIMESTAMP(), ${row / 4}, 0.25, 0.001, 20)`,
    );
    await this.sql(
      `INSERT INTO ${this.table} (server_id, ts, score, step, \`offset\`, rtt) VALUES ${values.join(', ')}`,
    );
  }

  /** As root. */
  async sql(statement: string): Promise<readonly RowDataPacket[]> {
    return this.servers.sql(statement);
  }

  /** A table without rows in place of the right one. */
  async tableOf(columns: string, options = 'ENGINE=InnoDB'): Promise<void> {
    await this.sql(`DROP TABLE ${this.table}`);
    await this.sql(`CREATE TABLE ${this.table} (${columns}) ${options}`);
  }

  /** Until the end of this world. */
  async setGlobal(name: string, value: string): Promise<void> {
    const [row] = await this.sql(`SELECT @@global.${name} AS value`);
    const before = row?.['value'] as number | string;
    await this.sql(`SET GLOBAL ${name} = ${value}`);
    this.onEnd(() =>
      this.sql(`SET GLOBAL ${name} = ${typeof before === 'number' ? before : `'${before}'`}`),
    );
  }

  onEnd(undo: () => Promise<unknown>): void {
    this.#undo.push(undo);
  }

  async clickhouse(query: string): Promise<string> {
    return this.servers.clickhouse(this.fill(query));
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.servers.deleteTopic(topic);
  }

  async createTopic(
    topic: string,
    configs: Readonly<Record<string, string>> = {},
    partitions = PARTITIONS,
  ): Promise<void> {
    await this.servers.admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic,
          numPartitions: partitions,
          replicationFactor: 1,
          configEntries: Object.entries(configs).map(([name, value]) => ({ name, value })),
        },
      ],
    });
  }

  /** With a client that knows nothing of our formats; null is a tombstone. */
  async produce(value: Buffer | null): Promise<void> {
    await this.servers.producer.send({
      topic: this.topic,
      messages: [{ partition: 0, key: '1', value }],
    });
  }

  /** As an operator's tool does it, and other consumers: without metadata unless given. */
  async commit(offset: string, metadata: string | null = ''): Promise<void> {
    await this.servers.commit(this.group, this.topic, { partition: 0, offset, metadata });
  }

  #goodSettings(): Settings {
    const { servers, database, prefix } = this;
    const address = (name: string): string =>
      servers.endpoint(name).replace(/\/ntp$/, `/${database}`);
    return {
      kafka_brokers: servers.endpoint('KAFKA_BROKERS'),
      schema_registry_url: servers.endpoint('SCHEMA_REGISTRY_URL'),
      database_dsn: address('DATABASE_DSN'),
      ch_dsn: address('CH_DSN'),
      ch_http_url: servers.endpoint('CH_HTTP_URL'),
      topic_prefix: prefix,
      topic_partitions: String(PARTITIONS),
      topic_replication: '1',
      source_time_zone: 'UTC',
      linger: '5ms',
      // An idle capture moves its checkpoint too, and here only what is wrong may.
      checkpoint_interval: '10m',
      kafka_transaction_timeout: '5s',
      session_timeout: '6s',
      shutdown_grace: '10s',
    };
  }
}

async function stopped(service: Service): Promise<void> {
  const { code } = await service.stop();
  if (code !== 0) throw new Error(`${service.label} ended with ${code}:\n${service.output}`);
}
