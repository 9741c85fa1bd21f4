import { join } from 'node:path';

import type { Backlog } from '../backlog.ts';
import type { Bench } from '../bench.ts';
import { avroId } from '../identity.ts';
import type { Measured } from '../measurement.ts';
import type { Contender } from '../rounds.ts';
import { startService } from '../service.ts';
import { measureCapture } from './capture-contender.ts';

/** services/capture as an operator would start it, each round with topics of its own. */
export class ScorelineCapture implements Contender {
  readonly system = 'scoreline';
  readonly #bench: Bench;
  readonly #backlog: () => Backlog;
  readonly #database: string;

  constructor(bench: Bench, options: { database: string; backlog: () => Backlog }) {
    this.#bench = bench;
    this.#backlog = options.backlog;
    this.#database = options.database;
  }

  async prepare(): Promise<null> {
    return null;
  }

  async measure(round: number): Promise<Measured> {
    const prefix = `${this.#database}-${round}-`;
    const process = await startService(this.#bench, 'capture', {
      logFile: join(this.#bench.dir, this.system, this.#database, `round-${round}.log`),
      env: { ...captureEnv(this.#bench, this.#database), topic_prefix: prefix },
    });
    return measureCapture(this.#bench, this.#backlog(), {
      topic: `${prefix}log_scores-v1`,
      process,
      id: avroId,
    });
  }
}

/** Settings by which capture begins at the oldest binlog of one database's table. */
export function captureEnv({ env }: Bench, database: string): Record<string, string> {
  return {
    DATABASE_DSN: (env['DATABASE_DSN'] ?? '').replace(/\/[^/]*$/, `/${database}`),
    KAFKA_BROKERS: env['KAFKA_BROKERS'] ?? '',
    SCHEMA_REGISTRY_URL: env['SCHEMA_REGISTRY_URL'] ?? '',
    topic_replication: '1',
    initial: 'all',
  };
}
