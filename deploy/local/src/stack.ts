import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { installAll } from './install-all.ts';
import { problemWith, require } from './prerequisites.ts';
import { type Say, SERVER_NAMES, type ServerName } from './server.ts';
import { BigqueryServer } from './servers/bigquery.ts';
import { ClickhouseServer } from './servers/clickhouse.ts';
import { GcsServer } from './servers/gcs.ts';
import { KafkaServer } from './servers/kafka.ts';
import { MariadbServer } from './servers/mariadb.ts';
import { MysqlServer } from './servers/mysql.ts';
import { QuestdbServer } from './servers/questdb.ts';
import { RegistryServer } from './servers/registry.ts';
import { S3Server } from './servers/s3.ts';
import type { ServerBase } from './servers/server-base.ts';
import { formatEnv } from './stack-env.ts';

export interface StackOptions {
  /** Everything that the stack writes is in this folder: data, logs, pids, stack.env. */
  readonly dir: string;
  readonly only: readonly ServerName[];
  /** Of `only`: what is left out, and said to be, where a program that it needs is missing. */
  readonly optional?: readonly ServerName[];
  /** Whether it is for tests, which want a broker that starts soon more than one that is fast in the end. */
  readonly brief?: boolean;
  readonly say: Say;
}

/** The default: one of everything that the pipeline needs. */
export const PIPELINE: readonly ServerName[] = ['kafka', 'registry', 'mariadb', 'clickhouse'];

/** What not every machine can run or build, and who asks for everything does without. */
export const OPTIONAL: readonly ServerName[] = ['gcs', 's3', 'bigquery'];

/** Real servers that belong together. Several stacks run side by side, each in a folder of its own. */
export class Stack {
  readonly dir: string;
  readonly kafka: KafkaServer;
  readonly mariadb: MariadbServer;
  readonly mysql: MysqlServer;
  readonly clickhouse: ClickhouseServer;
  readonly registry: RegistryServer;
  readonly gcs: GcsServer;
  readonly s3: S3Server;
  readonly bigquery: BigqueryServer;
  readonly questdb: QuestdbServer;
  readonly #optional: readonly ServerName[];
  #only: readonly ServerName[];
  readonly #say: Say;

  constructor({ dir, only, optional = [], brief, say }: StackOptions) {
    this.dir = dir;
    this.#say = say;
    this.#optional = optional;
    const of = (name: ServerName) => ({ dir: join(dir, name), say });
    this.kafka = new KafkaServer({ ...of('kafka'), brief });
    this.mariadb = new MariadbServer(of('mariadb'));
    this.mysql = new MysqlServer(of('mysql'));
    this.clickhouse = new ClickhouseServer(of('clickhouse'));
    this.registry = new RegistryServer(of('registry'), this.kafka);
    this.gcs = new GcsServer(of('gcs'));
    this.s3 = new S3Server(of('s3'));
    this.bigquery = new BigqueryServer(of('bigquery'), this.gcs);
    this.questdb = new QuestdbServer(of('questdb'));
    // The registry keeps its schemas in Kafka.
    this.#only = only.includes('registry') && !only.includes('kafka') ? ['kafka', ...only] : only;
  }

  get servers(): readonly ServerBase[] {
    return this.#only.map((name) => this[name]);
  }

  /** All, wanted or not: a folder may hold servers that an earlier call wanted. */
  get #all(): readonly ServerBase[] {
    return SERVER_NAMES.map((name) => this[name]);
  }

  /**
   * Starts what does not run yet, all at once. On failure, and when `signal` says so, what this call
   * started is stopped again, and only that.
   */
  async up(signal?: AbortSignal): Promise<void> {
    for (const name of this.#optional) await this.#leaveOutIfImpossible(name);
    await require((await Promise.all(this.servers.map((server) => server.needs()))).flat());
    await mkdir(this.dir, { recursive: true });
    await installAll(this.servers, this.#say, signal);
    const running: ServerBase[] = [];
    for (const server of this.#all) if (await server.attach()) running.push(server);
    const failures = await this.#start(signal);
    if (failures.length > 0) {
      await this.#stop(this.servers.filter((server) => !running.includes(server)));
      signal?.throwIfAborted();
      throw failures.length === 1 ? failures[0] : new AggregateError(failures, texts(failures));
    }
    await this.#writeEnv();
  }

  /** Ends the servers of this folder that run, whoever started them; all of them unless named. Data stays. */
  async down(names: readonly ServerName[] = SERVER_NAMES): Promise<void> {
    for (const server of this.#all) await server.attach();
    await this.#stop(names.map((name) => this[name]));
    await this.#writeEnv();
  }

  /** What has ended by itself since its start, each with the tail of its log. */
  async failures(): Promise<string[]> {
    const answers = await Promise.all(this.#all.map((server) => server.failure()));
    return answers.filter((answer) => answer !== null);
  }

  /** Down, and its files deleted. */
  async destroy(): Promise<void> {
    await this.down();
    await rm(this.dir, { recursive: true, force: true });
  }

  /** How to reach the servers that run. */
  env(): Record<string, string> {
    const running = this.#all.filter((server) => server.pid !== null);
    return Object.assign({}, ...running.map((server) => server.endpoints())) as Record<
      string,
      string
    >;
  }

  async #leaveOutIfImpossible(name: ServerName): Promise<void> {
    if (!this.#only.includes(name)) return;
    const problems = await Promise.all((await this[name].needs()).map(problemWith));
    const problem = problems.find((one) => one !== null);
    if (problem === undefined) return;
    this.#say(`${name} is left out: ${problem}`);
    this.#only = this.#only.filter((one) => one !== name);
  }

  async #start(signal: AbortSignal | undefined): Promise<unknown[]> {
    const start = async (server: ServerBase): Promise<void> => {
      signal?.throwIfAborted();
      await server.start(signal);
      signal?.throwIfAborted();
    };
    const kafka = this.#only.includes('kafka') ? start(this.kafka) : Promise.resolve();
    const results = await Promise.allSettled(
      this.servers.map(async (server) => {
        if (server === this.kafka) return kafka;
        if (server === this.registry) await kafka.catch(() => this.#withoutKafka());
        return start(server);
      }),
    );
    return results.flatMap((one) =>
      one.status === 'rejected' && !(one.reason instanceof NotTried) ? [one.reason] : [],
    );
  }

  #withoutKafka(): never {
    throw new NotTried('registry was not tried: its Kafka did not start');
  }

  /** The registry first, whose end without its Kafka would be a slow one; the others at once. */
  async #stop(servers: readonly ServerBase[]): Promise<void> {
    if (servers.includes(this.registry)) await this.registry.stop();
    await Promise.all(servers.map((server) => server.stop()));
  }

  async #writeEnv(): Promise<void> {
    const env = this.env();
    const file = join(this.dir, 'stack.env');
    if (Object.keys(env).length === 0) await rm(file, { force: true });
    else await writeFile(file, formatEnv(env));
  }
}

/** Not a failure of its own: the one that caused it is told. */
class NotTried extends Error {}

function texts(failures: readonly unknown[]): string {
  return failures.map((one) => (one instanceof Error ? one.message : String(one))).join('\n');
}
