import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Backlog } from '../backlog.ts';
import { type Bench, sqlAddress } from '../bench.ts';
import { connectPlugins } from '../connect/plugins.ts';
import type { Properties } from '../connect/properties.ts';
import { startConnect } from '../connect/standalone.ts';
import { avroId, jsonId } from '../identity.ts';
import type { Measured } from '../measurement.ts';
import type { MeasuredProcess } from '../process.ts';
import type { Contender } from '../rounds.ts';
import { recreateTopic } from '../topics.ts';
import { measureCapture } from './capture-contender.ts';
import { avro, connector, TOPIC_PREFIX, TUNED } from './debezium-config.ts';

/** Files in which a stopped connector remembers where it is. */
const MEMORY = ['offsets', 'schema-history.dat'];
const PRIME_TIMEOUT_MS = 90_000;

/**
 * Debezium in Connect standalone. It learns the schema while the table is empty; what it remembers
 * then is put back before each round, so that each begins at the same place in the binlog.
 */
export class Debezium implements Contender {
  readonly system;
  readonly #bench: Bench;
  readonly #backlog: () => Backlog;
  readonly #database: string;
  readonly #format: 'json' | 'avro';
  #plugins = '';

  constructor(
    bench: Bench,
    options: { database: string; format: 'json' | 'avro'; backlog: () => Backlog },
  ) {
    this.system = options.format === 'json' ? ('debezium' as const) : ('debezium-avro' as const);
    this.#bench = bench;
    this.#backlog = options.backlog;
    this.#database = options.database;
    this.#format = options.format;
  }

  async prepare(): Promise<null> {
    this.#plugins = await connectPlugins(this.#bench.say);
    await this.#prime();
    return null;
  }

  async measure(round: number): Promise<Measured> {
    const dir = await this.#folder(`round-${round}`);
    for (const file of MEMORY) await copyFile(join(this.#primed, file), join(dir, file));
    const topic = this.#topic('log_scores');
    await recreateTopic(this.#bench, topic);
    const process = await this.#start(dir, {
      ...TUNED,
      ...(this.#format === 'avro' ? avro(this.#bench.env['SCHEMA_REGISTRY_URL'] ?? '') : {}),
    });
    const id = this.#format === 'avro' ? avroId : jsonId;
    return measureCapture(this.#bench, this.#backlog(), { topic, process, id });
  }

  get #primed(): string {
    return join(this.#bench.dir, 'debezium', this.#database, 'primed');
  }

  #topic(table: string): string {
    return `${TOPIC_PREFIX}.${this.#database}.${table}`;
  }

  async #prime(): Promise<void> {
    const { admin, sql, signal, say } = this.#bench;
    const dir = this.#primed;
    // Once for both formats.
    if (existsSync(join(dir, 'offsets'))) return;
    say('debezium learns the schema');
    await mkdir(dir, { recursive: true });
    await sql.query('CREATE TABLE IF NOT EXISTS primer (a int)');
    const topic = this.#topic('primer');
    await recreateTopic(this.#bench, topic);
    const process = await this.#start(dir, {});
    try {
      const giveUpAt = Date.now() + PRIME_TIMEOUT_MS;
      // An offset is remembered with a record that was sent: rows of another table, until one is.
      for (let seen = 0; seen === 0;) {
        signal.throwIfAborted();
        if (!process.running) throw await process.failure('ended before it had learnt the schema');
        if (Date.now() > giveUpAt) throw await process.failure('sends nothing');
        await sql.query('INSERT INTO primer VALUES (1)');
        await delay(500);
        const ends = await admin.fetchTopicOffsets(topic);
        seen = ends.reduce((sum, { high }) => sum + Number(high), 0);
      }
    } finally {
      await process.stop();
    }
  }

  async #folder(name: string): Promise<string> {
    const dir = join(this.#bench.dir, this.system, this.#database, name);
    await rm(dir, { recursive: true, force: true });
    await mkdir(dir, { recursive: true });
    return dir;
  }

  #start(dir: string, more: Properties): Promise<MeasuredProcess> {
    const { env } = this.#bench;
    return startConnect(this.#bench, {
      name: this.system,
      dir,
      plugins: [this.#plugins],
      connector: {
        ...connector({ sql: sqlAddress(env), database: this.#database, dir }),
        ...more,
      },
      heap: '1g',
    });
  }
}
