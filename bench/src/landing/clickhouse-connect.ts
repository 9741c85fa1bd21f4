import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Bench } from '../bench.ts';
import { askClickhouse } from '../clickhouse.ts';
import { avroConverter } from '../connect/avro-converter.ts';
import { connectPlugins } from '../connect/plugins.ts';
import type { Properties } from '../connect/properties.ts';
import { startConnect } from '../connect/standalone.ts';
import type { Measured } from '../measurement.ts';
import type { MeasuredProcess } from '../process.ts';
import type { Contender } from '../rounds.ts';
import { type LandingSource, measureLanding } from './landing-contender.ts';

const VERSION = '1.5.0';
const JAR = new RegExp(`^clickhouse-kafka-connect-v?${VERSION.replaceAll('.', '\\.')}\\b.*\\.jar$`);

/** Of an Avro `int` it can write an Int32 and nothing smaller, hence the width of leap and stratum. */
const COLUMNS = `id UInt64, server_id UInt32, monitor_id Nullable(UInt32), ts DateTime64(6, 'UTC'),
  score Float64, step Float64, offset Nullable(Float64), rtt Nullable(Int32), leap Nullable(Int32),
  stratum Nullable(Int32), no_response Nullable(Bool), error Nullable(String),
  warning Nullable(String), from_ls_id Nullable(UInt64), from_ss_id Nullable(UInt64),
  attributes Nullable(String), extra Map(String, String)`;

/** What was found to make it faster: larger polls, one insert for all that a poll brings, its newer client. */
const TUNED: Properties = {
  ignorePartitionsWhenBatching: true,
  client_version: 'V2',
  'consumer.override.max.poll.records': 100_000,
  'consumer.override.max.partition.fetch.bytes': 16_777_216,
  'consumer.override.fetch.max.bytes': 67_108_864,
  'consumer.override.fetch.min.bytes': 4_194_304,
  'consumer.override.fetch.max.wait.ms': 500,
};

const CHECK_MS = 2_000;
/** A worker whose only task has failed goes on running. */
const TASK_FAILED = 'Task is being killed and will not recover until manually restarted';

/**
 * ClickHouse's connector in Connect standalone, with one task, at least once, from an unpacked release
 * that CLICKHOUSE_KAFKA_CONNECT_HOME names: it is on no package registry. Its table does not sync each
 * insert, as ours must: that is to its advantage.
 */
export class ClickhouseConnect implements Contender {
  readonly system = 'clickhouse-kafka-connect';
  readonly #bench: Bench;
  readonly #source: () => LandingSource;
  readonly #home: string;
  #plugins = '';

  constructor(bench: Bench, source: () => LandingSource) {
    this.#bench = bench;
    this.#source = source;
    this.#home = process.env['CLICKHOUSE_KAFKA_CONNECT_HOME'] ?? '';
  }

  async prepare(): Promise<string | null> {
    const missing = await missingRelease(this.#home);
    if (missing === null) this.#plugins = await connectPlugins(this.#bench.say);
    return missing;
  }

  async measure(round: number): Promise<Measured> {
    const { admin, dir: runs } = this.#bench;
    const { topic, identity } = this.#source();
    const database = `connect_${round}`;
    const groupId = `${database}.${topic}`;
    const dir = join(runs, this.system, `round-${round}`);
    await mkdir(dir, { recursive: true });
    await this.#ask(`CREATE DATABASE ${database} ENGINE = Atomic`);
    await this.#ask(
      `CREATE TABLE ${database}.landed (${COLUMNS})
      ENGINE = MergeTree PARTITION BY toDate(ts) ORDER BY (server_id, ts)`,
    );
    const process = await startConnect(this.#bench, {
      name: this.system,
      dir,
      plugins: [this.#plugins, this.#home],
      connector: this.#connector({ topic, database, groupId }),
      heap: '2g',
    });
    try {
      return await measureLanding(this.#bench, identity, {
        groupId,
        table: `${database}.landed`,
        pid: process.pid,
        check: everyTwoSeconds(() => assertRunning(process)),
      });
    } finally {
      await process.stop();
      await admin.deleteGroups([groupId]).catch(() => {});
      await this.#ask(`DROP DATABASE ${database} SYNC`);
    }
  }

  #ask(query: string): Promise<string> {
    return askClickhouse(this.#bench, query);
  }

  #connector({
    topic,
    database,
    groupId,
  }: {
    readonly topic: string;
    readonly database: string;
    readonly groupId: string;
  }): Properties {
    const { env } = this.#bench;
    const { hostname, port } = new URL(env['CH_HTTP_URL'] ?? '');
    return {
      name: 'chsink',
      'connector.class': 'com.clickhouse.kafka.connect.ClickHouseSinkConnector',
      'tasks.max': 1,
      topics: topic,
      hostname,
      port,
      database,
      username: 'default',
      password: '',
      ssl: false,
      topic2TableMap: `${topic}=landed`,
      exactlyOnce: false,
      'key.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
      ...avroConverter('value', env['SCHEMA_REGISTRY_URL'] ?? ''),
      // What Confluent's API calls the id.
      'value.converter.apicurio.registry.use-id': 'contentId',
      'consumer.override.group.id': groupId,
      'consumer.override.auto.offset.reset': 'earliest',
      'consumer.override.isolation.level': 'read_committed',
      ...TUNED,
    };
  }
}

/** Why there is no connector to measure, or null. */
export async function missingRelease(home: string): Promise<string | null> {
  if (home === '')
    return `clickhouse-kafka-connect ${VERSION} is on no package registry: set CLICKHOUSE_KAFKA_CONNECT_HOME to an unpacked release`;
  const lib = join(home, 'lib');
  const jars = existsSync(lib) ? await readdir(lib) : [];
  if (jars.some((jar) => JAR.test(jar))) return null;
  return `no clickhouse-kafka-connect-v${VERSION}*.jar in CLICKHOUSE_KAFKA_CONNECT_HOME/lib`;
}

async function assertRunning(process: MeasuredProcess): Promise<void> {
  if (!process.running) throw await process.failure('ended before its work was done');
  if ((await process.output()).includes(TASK_FAILED)) throw await process.failure('has failed');
}

/** Its log is read each time. */
function everyTwoSeconds(check: () => Promise<void>): () => Promise<void> {
  let checkedAt = performance.now();
  return async () => {
    if (performance.now() - checkedAt < CHECK_MS) return;
    checkedAt = performance.now();
    await check();
  };
}
