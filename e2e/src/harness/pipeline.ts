import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import { parseCommitMetadata } from '@scoreline/landing';
import { ledgerTopic } from '@scoreline/ledger';
import {
  compareSides,
  type Comparison,
  createSchema,
  PIPELINE,
  readClickhouseSide,
  readMysqlSide,
  readTopicSide,
  type ServerName,
  type Side,
  Stack,
  startTraffic,
  type Traffic,
} from '@scoreline/local';
import { until } from '@scoreline/testing';
import kafkajs, { type Admin, type Kafka } from 'kafkajs';

import { caughtUp } from './caught-up.ts';
import { committedOffsets } from './committed-offsets.ts';
import { reconcileOf } from './reconcile.ts';
import { Service, type ServiceName } from './service.ts';
import { openTransactions, topicsOfTransaction } from './transactions.ts';

const LOCAL = fileURLToPath(new URL('../../../.local/', import.meta.url));
const TABLE = 'log_scores';
export const TOPIC = `${TABLE}-v1`;
export const GROUP = `sink-clickhouse.${TOPIC}`;
const DATABASE = 'ntp';

const CAPTURING = { initial: 'all', source_time_zone: 'UTC', topic_replication: '1' };

export interface PipelineOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** All by default; without ClickHouse there is no sink. */
  readonly servers?: readonly ServerName[];
}

/** Which table and topic, where there are several. */
export interface Place {
  readonly prefix?: string;
  /** Of an administrator, in the table's database. */
  readonly dsn?: string;
}

/** As far as the topic: faults of capture need no more. */
export const TO_TOPIC: readonly ServerName[] = ['kafka', 'registry', 'mariadb'];

/** A registry that runs: it takes as long to start as all the others, and no test takes it away. */
const RUNNING_REGISTRY = process.env['SCHEMA_REGISTRY_URL'];

/**
 * The whole pipeline on servers of its own, because they are killed too: MariaDB, Kafka, ClickHouse, and a
 * registry unless one runs; and services as processes. What every side holds is read without any code of theirs.
 */
export class Pipeline {
  readonly stack: Stack;
  readonly #settings: Readonly<Record<string, string>>;
  #admin: Admin | undefined;
  #kafka: Kafka | undefined;
  readonly #services: Service[] = [];

  constructor({ settings = {}, servers = PIPELINE }: PipelineOptions = {}) {
    this.stack = new Stack({
      dir: `${LOCAL}e2e-${process.pid}-${randomBytes(3).toString('hex')}`,
      only: servers.filter((name) => name !== 'registry' || RUNNING_REGISTRY === undefined),
      brief: true,
      say: () => {},
    });
    this.#settings = settings;
  }

  async start(): Promise<void> {
    await this.stack.up();
    await createSchema(this.need('ADMIN_DSN'));
    this.#kafka = new kafkajs.Kafka({
      brokers: this.need('KAFKA_BROKERS').split(','),
      logLevel: kafkajs.logLevel.NOTHING,
    });
    this.#admin = this.#kafka.admin();
    await this.#admin.connect();
  }

  async destroy(): Promise<void> {
    await Promise.all(
      this.#services.map(async (service) => {
        if (service.running) await service.kill();
      }),
    );
    await this.#admin?.disconnect().catch(() => {});
    await this.stack.destroy();
  }

  /** Clients that are not ours. */
  get kafka(): Kafka {
    return this.#kafka!;
  }

  get admin(): Admin {
    return this.#admin!;
  }

  need(name: string): string {
    const value = this.#env[name];
    if (value === undefined) throw new Error(`the stack does not say ${name}`);
    return value;
  }

  /** A capture process that is not started yet. */
  capture(label = 'capture', settings: Readonly<Record<string, string>> = {}): Service {
    return this.#service('capture', label, { ...CAPTURING, ...settings });
  }

  sink(label = 'sink-clickhouse'): Service {
    // The least that brokers accept: a killed member must not hold its partitions for long.
    return this.#service('sink-clickhouse', label, { session_timeout: '6s' });
  }

  /** A service of a release that knows one version of the topic more: see next-version. */
  next(name: ServiceName, settings: Readonly<Record<string, string>> = {}): Service {
    const own = name === 'capture' ? CAPTURING : { session_timeout: '6s' };
    const program = new URL(`../next-version/${name}.js`, import.meta.url);
    return this.#service(name, `${name} of the next version`, { ...own, ...settings }, program);
  }

  traffic(rate: number, seed: number, rows: number | null): Traffic {
    return startTraffic(this.need('ADMIN_DSN'), { rate, seed, rows });
  }

  /** Whether the broker holds an open transaction: nobody but capture begins any. */
  async transactionIsOpen(): Promise<boolean> {
    return (await openTransactions(this.need('KAFKA_BROKERS'))).length > 0;
  }

  /** Whether a transaction is open in which rows were sent and the checkpoint behind them was not. */
  async awaitsCheckpoint(): Promise<boolean> {
    const broker = this.need('KAFKA_BROKERS');
    const [id] = await openTransactions(broker);
    if (id === undefined) return false;
    const topics = await topicsOfTransaction(broker, id);
    return topics.includes(TOPIC) && !topics.includes(this.ledger);
  }

  /** How many partitions have a range that was begun and has not landed. */
  async pendingPartitions(): Promise<number> {
    const offsets = await committedOffsets(this.admin, GROUP, TOPIC);
    return offsets.filter(
      ({ metadata }) => metadata && parseCommitMetadata(metadata, GROUP).pending.length > 0,
    ).length;
  }

  /** Sum over partitions of the topic's end less the group's offset; null while either is unknown. */
  async lag(): Promise<number | null> {
    try {
      const ends = await this.#admin!.fetchTopicOffsets(TOPIC);
      const [committed] = await this.#admin!.fetchOffsets({ groupId: GROUP, topics: [TOPIC] });
      return ends.reduce((sum, { partition, high }) => {
        const own = committed?.partitions.find((one) => one.partition === partition);
        return sum + Number(high) - Math.max(0, Number(own?.offset ?? 0));
      }, 0);
    } catch {
      return null;
    }
  }

  async landedRows(): Promise<number> {
    const query = `SELECT count() FROM ${DATABASE}.${TABLE}`;
    const response = await fetch(this.need('CH_HTTP_URL'), { method: 'POST', body: query });
    return response.ok ? Number(await response.text()) : 0;
  }

  /** Waits until the lag reads 0 with at least so many rows landed, and then compares every row. */
  async settle(rows: number, timeoutMs = 120_000): Promise<Comparison> {
    await until(async () => (await this.landedRows()) >= rows && (await this.lag()) === 0, {
      what: `all of ${rows} rows landed, and lag 0`,
      timeoutMs,
      everyMs: 250,
    });
    return this.compare();
  }

  /** Waits until the checkpoint is where the binlog ends now. */
  caughtUp(capture: Service): Promise<void> {
    return caughtUp(this.need('ADMIN_DSN'), capture);
  }

  /** MySQL and topic, row by row. */
  async compareTopic({
    prefix = '',
    dsn = this.need('ADMIN_DSN'),
  }: Place = {}): Promise<Comparison> {
    return compareSides(await readMysqlSide({ dsn }), [await this.#topicSide(prefix)]);
  }

  /** Waits until nothing is left to be published, neither of the stream nor of the table. */
  async allOut(capture: Service): Promise<void> {
    await this.caughtUp(capture);
    await until(async () => (await capture.status()) !== null && !(await reconcileOf(capture)), {
      what: 'the end of reconcile',
      timeoutMs: 60_000,
    });
  }

  /** Waits until everything is out, ends `capture`, so that nothing comes after, and compares. */
  async settleTopic(capture: Service, place: Place = {}): Promise<Comparison> {
    await this.allOut(capture).catch((cause: unknown) => {
      throw new Error(`${String(cause)}\n${capture.output}`, { cause });
    });
    const { code } = await capture.stop();
    if (code !== 0) throw new Error(`${capture.label} ended with ${code}:\n${capture.output}`);
    return this.compareTopic(place);
  }

  /** MySQL, topic and ClickHouse, row by row. */
  async compare(): Promise<Comparison> {
    const truth = await readMysqlSide({ dsn: this.need('ADMIN_DSN') });
    const topic = await this.#topicSide();
    const clickhouse = await readClickhouseSide({
      url: this.need('CH_HTTP_URL'),
      database: DATABASE,
    });
    return compareSides(truth, [topic, clickhouse]);
  }

  #topicSide(prefix = ''): Promise<Side> {
    return readTopicSide({
      brokers: this.need('KAFKA_BROKERS').split(','),
      registryUrl: this.need('SCHEMA_REGISTRY_URL'),
      topic: `${prefix}${TOPIC}`,
    });
  }

  get ledger(): string {
    return ledgerTopic(TABLE);
  }

  get #env(): Readonly<Record<string, string>> {
    const registry =
      RUNNING_REGISTRY === undefined ? {} : { SCHEMA_REGISTRY_URL: RUNNING_REGISTRY };
    return { ...this.stack.env(), ...registry };
  }

  #service(
    name: ServiceName,
    label: string,
    own: Readonly<Record<string, string>>,
    program?: URL,
  ): Service {
    const env = { ...this.#env, ...own, ...this.#settings };
    const service = new Service(name, { env, label, ...(program && { program }) });
    this.#services.push(service);
    return service;
  }
}
