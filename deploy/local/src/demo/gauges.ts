import type { Admin } from 'kafkajs-unpatched';

import { askClickhouse } from './clickhouse-http.ts';
import type { Probe } from './freshness.ts';
import { plainKafka } from './kafka.ts';

export interface GaugeOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly group: string;
  readonly clickhouseUrl: string;
  readonly database: string;
}

export interface TopicReading {
  /** Sum of the partitions' end offsets: records and transaction markers. */
  readonly end: number;
  /** As `kafka-consumer-groups` shows it; null before the first commit. */
  readonly lag: number | null;
}

/** What an operator would ask Kafka and ClickHouse. */
export class Gauges {
  readonly #options: GaugeOptions;
  readonly #admin: Admin;

  constructor(options: GaugeOptions) {
    this.#options = options;
    const { brokers } = options;
    this.#admin = plainKafka('demo', brokers).admin();
  }

  async start(): Promise<void> {
    await this.#admin.connect();
  }

  async stop(): Promise<void> {
    await this.#admin.disconnect();
  }

  /** Null while the topic is not there. */
  async topic(): Promise<TopicReading | null> {
    const { topic, group } = this.#options;
    try {
      const ends = await this.#admin.fetchTopicOffsets(topic);
      const [commits] = await this.#admin.fetchOffsets({ groupId: group, topics: [topic] });
      const end = ends.reduce((sum, { high }) => sum + Number(high), 0);
      const committed = (commits?.partitions ?? []).map(({ partition, offset }) => {
        const high = ends.find((one) => one.partition === partition)?.high ?? 0;
        return Number(offset) < 0 ? null : Number(high) - Number(offset);
      });
      const known = committed.filter((lag) => lag !== null);
      return { end, lag: known.length === 0 ? null : known.reduce((sum, lag) => sum + lag, 0) };
    } catch {
      return null;
    }
  }

  /** Rows in the destination; 0 while its table is not there. */
  async landed(): Promise<number> {
    const text = await this.#ask(`SELECT count() FROM ${this.#options.database}.log_scores`);
    return Number(text ?? 0);
  }

  /** Which of these rows a query returns now. */
  async arrived(probes: readonly Probe[]): Promise<ReadonlySet<number>> {
    const list = (pick: (probe: Probe) => number): string => probes.map(pick).join(',');
    // By server first: that is how the table is ordered.
    const text = await this.#ask(
      `SELECT id FROM ${this.#options.database}.log_scores WHERE server_id IN (${list(({ serverId }) => serverId)}) AND id IN (${list(({ id }) => id)})`,
    );
    return new Set((text ?? '').split('\n').filter(Boolean).map(Number));
  }

  async #ask(sql: string): Promise<string | null> {
    try {
      return await (await askClickhouse({ url: this.#options.clickhouseUrl }, sql)).text();
    } catch {
      return null;
    }
  }
}
