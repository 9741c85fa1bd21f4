import type { Bench } from '../bench.ts';
import { askClickhouse } from '../clickhouse.ts';
import type { Measured } from '../measurement.ts';
import type { Contender } from '../rounds.ts';
import { type LandingSource, measureLanding } from './landing-contender.ts';

const COLUMNS = `id UInt64, server_id UInt32, monitor_id Nullable(UInt32), ts DateTime64(6, 'UTC'),
  score Float64, step Float64, offset Nullable(Float64), rtt Nullable(Int32), leap Nullable(UInt8),
  stratum Nullable(UInt8), no_response Nullable(Bool), error Nullable(String),
  warning Nullable(String), from_ls_id Nullable(UInt64), from_ss_id Nullable(UInt64),
  attributes Nullable(String), extra Map(String, String)`;

const CHECK_MS = 2_000;

/**
 * ClickHouse's own Kafka table engine and a materialized view, on the same topic, into the same
 * columns and order. Its table does not sync each insert, as ours must: that is to its advantage.
 */
export class KafkaEngine implements Contender {
  readonly system;
  readonly #bench: Bench;
  readonly #source: () => LandingSource;
  readonly #consumers: number;

  constructor(bench: Bench, consumers: 1 | 2, source: () => LandingSource) {
    this.system =
      consumers === 1
        ? ('clickhouse-kafka-engine' as const)
        : ('clickhouse-kafka-engine-2' as const);
    this.#bench = bench;
    this.#source = source;
    this.#consumers = consumers;
  }

  async prepare(): Promise<null> {
    return null;
  }

  async measure(round: number): Promise<Measured> {
    const { env, admin } = this.#bench;
    const { topic, identity } = this.#source();
    const database = `engine_${this.#consumers}_${round}`;
    const groupId = `${database}.${topic}`;
    const ask = (query: string): Promise<string> => askClickhouse(this.#bench, query);
    await ask(`CREATE DATABASE ${database} ENGINE = Atomic`);
    try {
      await ask(
        `CREATE TABLE ${database}.landed (dt Date DEFAULT toDate(ts), ${COLUMNS})
        ENGINE = MergeTree PARTITION BY dt ORDER BY (server_id, ts)`,
      );
      const settings = Object.entries({
        kafka_broker_list: env['KAFKA_BROKERS'],
        kafka_topic_list: topic,
        kafka_group_name: groupId,
        kafka_format: 'AvroConfluent',
        kafka_num_consumers: this.#consumers,
        kafka_thread_per_consumer: this.#consumers > 1 ? 1 : 0,
        kafka_max_block_size: 131_072,
        kafka_poll_max_batch_size: 65_536,
        kafka_flush_interval_ms: 500,
        format_avro_schema_registry_url: env['SCHEMA_REGISTRY_URL'],
      }).map(([name, value]) => `${name} = ${typeof value === 'number' ? value : `'${value}'`}`);
      await ask(
        `CREATE TABLE ${database}.queue (${COLUMNS}) ENGINE = Kafka SETTINGS ${settings.join(', ')}`,
      );
      await ask(
        `CREATE MATERIALIZED VIEW ${database}.view TO ${database}.landed AS SELECT * FROM ${database}.queue`,
      );
      let checkedAt = performance.now();
      return await measureLanding(this.#bench, identity, {
        groupId,
        table: `${database}.landed`,
        pid: null,
        check: async () => {
          if (performance.now() - checkedAt < CHECK_MS) return;
          checkedAt = performance.now();
          const exceptions = await ask(
            `SELECT arrayStringConcat(arrayDistinct(exceptions.text), '; ') FROM system.kafka_consumers
            WHERE database = '${database}' AND notEmpty(exceptions.text) LIMIT 1`,
          );
          if (exceptions !== '') throw new Error(`the Kafka engine says: ${exceptions}`);
        },
      });
    } finally {
      await ask(`DROP TABLE IF EXISTS ${database}.view SYNC`);
      await ask(`DROP TABLE IF EXISTS ${database}.queue SYNC`);
      await ask(`DROP DATABASE ${database} SYNC`);
      await admin.deleteGroups([groupId]).catch(() => {});
    }
  }
}
