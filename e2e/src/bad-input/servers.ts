import { randomBytes } from 'node:crypto';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { PIPELINE, type ServerName, Stack } from '@scoreline/local';
import { until } from '@scoreline/testing';
import kafkajs, { type Admin, type Kafka, type Producer } from 'kafkajs';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';

import type { SqlServer } from '../faults/fault.ts';
import { committedOffsets } from '../harness/committed-offsets.ts';

const LOCAL = fileURLToPath(new URL('../../../.local/', import.meta.url));

export interface OwnCommit {
  readonly partition: number;
  readonly offset: string;
  readonly metadata: string | null;
}

/** It takes as long to start as all the others, and beside MySQL no test spoils it. */
const RUNNING_REGISTRY = process.env['SCHEMA_REGISTRY_URL'];

/** MySQL is there for what it does otherwise than MariaDB: with what that takes, and no more. */
const WITH: Readonly<Record<SqlServer, readonly ServerName[]>> = {
  mariadb: PIPELINE,
  mysql: ['kafka', 'mysql', ...(RUNNING_REGISTRY === undefined ? (['registry'] as const) : [])],
};

const DSN = {
  mariadb: { user: 'DATABASE_DSN', admin: 'ADMIN_DSN' },
  mysql: { user: 'MYSQL_DSN', admin: 'MYSQL_ADMIN_DSN' },
} as const;

/** Servers that only these tests use, since they spoil them, and clients that are not ours. */
export class Servers {
  readonly stack: Stack;
  readonly #source: SqlServer;
  #kafka: Kafka | undefined;
  #admin: Admin | undefined;
  #producer: Producer | undefined;
  #root: Connection | undefined;

  /** @param source which server the rows are in. */
  constructor(source: SqlServer = 'mariadb') {
    this.#source = source;
    this.stack = new Stack({
      dir: `${LOCAL}e2e-${process.pid}-${randomBytes(3).toString('hex')}`,
      only: WITH[source],
      brief: true,
      say: () => {},
    });
  }

  async start(): Promise<void> {
    await this.stack.up();
    this.#kafka = new kafkajs.Kafka({
      brokers: this.endpoint('KAFKA_BROKERS').split(','),
      logLevel: kafkajs.logLevel.NOTHING,
    });
    this.#admin = this.#kafka.admin();
    this.#producer = this.#kafka.producer({ allowAutoTopicCreation: false });
    await this.#admin.connect();
    await this.#producer.connect();
  }

  async destroy(): Promise<void> {
    await this.#admin?.disconnect();
    await this.#producer?.disconnect();
    await this.#root?.end().catch(() => {});
    await this.stack.destroy();
  }

  get kafka(): Kafka {
    return this.#kafka!;
  }

  get admin(): Admin {
    return this.#admin!;
  }

  get producer(): Producer {
    return this.#producer!;
  }

  /** The source's, of the user that captures, or of its administrator. */
  dsn(of: 'user' | 'admin'): string {
    return this.endpoint(DSN[this.#source][of]);
  }

  endpoint(name: string): string {
    const running = name === 'SCHEMA_REGISTRY_URL' ? RUNNING_REGISTRY : undefined;
    const value = this.stack.env()[name] ?? running;
    if (value === undefined) throw new Error(`the stack does not say ${name}`);
    return value;
  }

  /** As root of MariaDB. */
  async sql(statement: string): Promise<readonly RowDataPacket[]> {
    this.#root ??= await this.#connect();
    const [rows] = await this.#root.query(statement);
    return Array.isArray(rows) ? (rows as RowDataPacket[]) : [];
  }

  /** Another server in MariaDB's place while `work` runs, or the same one after it: it is stopped in between. */
  async mariadbStopped(work: (data: string) => Promise<void>): Promise<void> {
    await this.#root?.end();
    this.#root = undefined;
    await this.stack.mariadb.stop();
    await work(join(this.stack.dir, 'mariadb', 'data'));
    await this.stack.mariadb.start();
  }

  async copyOf(folder: string): Promise<string> {
    const copy = `${folder}.copy`;
    await rm(copy, { recursive: true, force: true });
    await cp(folder, copy, { recursive: true });
    return copy;
  }

  /** What ClickHouse answers, as text. */
  async clickhouse(query: string): Promise<string> {
    const url = this.endpoint('CH_HTTP_URL');
    const response = await fetch(url, { method: 'POST', body: query });
    const text = await response.text();
    if (!response.ok) throw new Error(`${query}: ${text}`);
    return text.trim();
  }

  /** Sends to the registry as an operator would, with curl. */
  async registry(method: string, path: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this.endpoint('SCHEMA_REGISTRY_URL')}${path}`, {
      method,
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.json();
  }

  /** Resolves when the broker names it no more. Until then its offsets may not be asked for: they are refused. */
  async deleteTopic(topic: string): Promise<void> {
    await this.admin.deleteTopics({ topics: [topic] });
    await until(async () => !(await this.admin.listTopics()).includes(topic), {
      what: `the end of ${topic}`,
    });
  }

  /** Null while there is no such topic. */
  async ends(topic: string): Promise<readonly string[] | null> {
    const topics = await this.admin.listTopics();
    if (!topics.includes(topic)) return null;
    const ends = await this.admin.fetchTopicOffsets(topic);
    return ends.toSorted((a, b) => a.partition - b.partition).map(({ high }) => high);
  }

  async topicRows(topic: string): Promise<number> {
    return ((await this.ends(topic)) ?? []).reduce((sum, end) => sum + Number(end), 0);
  }

  async commits(group: string, topic: string): Promise<readonly OwnCommit[]> {
    if ((await this.ends(topic)) === null) return [];
    return (await committedOffsets(this.admin, group, topic))
      .map(({ partition, offset, metadata }) => ({ partition, offset, metadata }))
      .toSorted((a, b) => a.partition - b.partition);
  }

  async lag(group: string, topic: string): Promise<number> {
    const ends = (await this.ends(topic)) ?? [];
    const commits = await this.commits(group, topic);
    return ends.reduce(
      (sum, end, partition) =>
        sum + Number(end) - Math.max(0, Number(commits[partition]?.offset ?? 0)),
      0,
    );
  }

  /** Accepted while the group has no members. */
  async commit(group: string, topic: string, commit: OwnCommit): Promise<void> {
    const consumer = this.kafka.consumer({ groupId: group });
    await consumer.connect();
    try {
      await consumer.commitOffsetsOnce({
        memberId: '',
        generationId: -1,
        topics: [{ topic, partitions: [{ ...commit, metadata: commit.metadata ?? '' }] }],
      });
    } finally {
      await consumer.disconnect();
    }
  }

  /** Rows of the sink's table, none while it is not there. */
  async landed(database: string): Promise<number> {
    const exists = await this.clickhouse(`EXISTS TABLE ${database}.log_scores`);
    if (exists !== '1') return 0;
    return Number(await this.clickhouse(`SELECT count() FROM ${database}.log_scores`));
  }

  #connect(): Promise<Connection> {
    const [, port] = /:(\d+)\)/.exec(this.endpoint('ADMIN_DSN')) ?? [];
    return createConnection({ host: '127.0.0.1', port: Number(port), user: 'root' });
  }
}
