import type { Admin } from 'kafkajs-unpatched';

import { askClickhouse } from './clickhouse-http.ts';
import type { Probe } from './freshness.ts';
import { plainKafka } from './kafka.ts';

export interface GaugeOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Consumer groups, by the name under which their lag is told. */
  readonly groups: Readonly<Record<string, string>>;
  /** Null where nothing lands in ClickHouse. */
  readonly clickhouseUrl: string | null;
  readonly database: string;
}

export interface TopicReading {
  /** Sum of the partitions' end offsets: records and transaction markers. */
  readonly end: number;
  /** Of each group, as `lagOf` has it. */
  readonly lags: Readonly<Record<string, number | null>>;
}

export interface PartitionOffset {
  readonly partition: number;
  readonly offset: string;
}

/**
 * The offsets that a group has before it. A partition in which it has committed nothing counts whole:
 * otherwise a group that has not come to it yet would seem to be through. Null before the first commit.
 */
export function lagOf(
  ends: readonly { readonly partition: number; readonly high: string }[],
  commits: readonly PartitionOffset[],
): number | null {
  const committed = new Map(commits.map(({ partition, offset }) => [partition, Number(offset)]));
  const at = (partition: number): number => Math.max(0, committed.get(partition) ?? 0);
  if ([...committed.values()].every((offset) => offset < 0)) return null;
  return ends.reduce((sum, { partition, high }) => sum + Number(high) - at(partition), 0);
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
    const { topic, groups } = this.#options;
    try {
      const ends = await this.#admin.fetchTopicOffsets(topic);
      const lags = await Promise.all(
        Object.entries(groups).map(async ([name, groupId]) => {
          const [commits] = await this.#admin.fetchOffsets({ groupId, topics: [topic] });
          return [name, lagOf(ends, commits?.partitions ?? [])] as const;
        }),
      );
      const end = ends.reduce((sum, { high }) => sum + Number(high), 0);
      return { end, lags: Object.fromEntries(lags) };
    } catch {
      return null;
    }
  }

  /** Rows in ClickHouse; 0 while its table is not there, null where there is no ClickHouse. */
  async landed(): Promise<number | null> {
    if (this.#options.clickhouseUrl === null) return null;
    const text = await this.#ask(`SELECT count() FROM ${this.#options.database}.log_scores`);
    return Number(text ?? 0);
  }

  /** Which of these rows a query of ClickHouse returns now. */
  async arrived(probes: readonly Probe[]): Promise<ReadonlySet<number>> {
    const list = (pick: (probe: Probe) => number): string => probes.map(pick).join(',');
    // By server first: that is how the table is ordered.
    const text = await this.#ask(
      `SELECT id FROM ${this.#options.database}.log_scores WHERE server_id IN (${list(({ serverId }) => serverId)}) AND id IN (${list(({ id }) => id)})`,
    );
    return new Set((text ?? '').split('\n').filter(Boolean).map(Number));
  }

  async #ask(sql: string): Promise<string | null> {
    const { clickhouseUrl } = this.#options;
    if (clickhouseUrl === null) return null;
    try {
      return await (await askClickhouse({ url: clickhouseUrl }, sql)).text();
    } catch {
      return null;
    }
  }
}
