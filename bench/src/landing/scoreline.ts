import { join } from 'node:path';

import type { Bench } from '../bench.ts';
import { askClickhouse } from '../clickhouse.ts';
import type { Measured } from '../measurement.ts';
import type { Contender } from '../rounds.ts';
import { startService } from '../service.ts';
import { type LandingSource, measureLanding } from './landing-contender.ts';

/** services/sink-clickhouse as an operator would start it, each round into a database of its own. */
export class ScorelineLanding implements Contender {
  readonly system = 'scoreline';
  readonly #bench: Bench;
  readonly #source: () => LandingSource;

  constructor(bench: Bench, source: () => LandingSource) {
    this.#bench = bench;
    this.#source = source;
  }

  async prepare(): Promise<null> {
    return null;
  }

  async measure(round: number): Promise<Measured> {
    const { env, dir, admin } = this.#bench;
    const { prefix, topic, identity } = this.#source();
    const database = `scoreline_${round}`;
    const groupId = `sink-clickhouse.${topic}`;
    await askClickhouse(this.#bench, `CREATE DATABASE ${database} ENGINE = Atomic`);
    const process = await startService(this.#bench, 'sink-clickhouse', {
      logFile: join(dir, 'sink-clickhouse', `round-${round}.log`),
      env: {
        KAFKA_BROKERS: env['KAFKA_BROKERS'] ?? '',
        SCHEMA_REGISTRY_URL: env['SCHEMA_REGISTRY_URL'] ?? '',
        CH_DSN: (env['CH_DSN'] ?? '').replace(/\/[^/]*$/, `/${database}`),
        CH_HTTP_URL: env['CH_HTTP_URL'] ?? '',
        topic_prefix: prefix,
      },
    });
    try {
      return await measureLanding(this.#bench, identity, {
        groupId,
        table: `${database}.log_scores`,
        pid: process.pid,
        check: async () => {
          if (!process.running) throw await process.failure('ended before its work was done');
        },
      });
    } finally {
      await process.stop();
      await admin.deleteGroups([groupId]).catch(() => {});
      await askClickhouse(this.#bench, `DROP DATABASE ${database} SYNC`);
    }
  }
}
