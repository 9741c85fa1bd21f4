import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { PIPELINE, type Say, type ServerName, Stack } from '@scoreline/local';
import kafkajs, { type Admin, CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { type Connection, createConnection } from 'mysql2/promise';

import { decompressLz4 } from './lz4.ts';

kafkajs.CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: () => Promise.reject(new Error('the bench only reads')),
  decompress: (frame: Buffer) => Promise.resolve(decompressLz4(frame)),
});

const BUFFER_POOL_BYTES = 3 * 1024 ** 3;

/** What every part of a run works with: a private stack of real servers, and ways to ask them. */
export interface Bench {
  readonly stack: Stack;
  /** As in stack.env. */
  readonly env: Readonly<Record<string, string>>;
  /** For configurations and logs of this run. */
  readonly dir: string;
  readonly say: Say;
  readonly signal: AbortSignal;
  readonly kafka: Kafka;
  readonly admin: Admin;
  /** The same without retries, whose waits would be holes among the samples. */
  readonly sampler: Admin;
  /** MariaDB, as root, in UTC. */
  readonly sql: Connection;
  /** Ends the servers and deletes their folder. */
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly dir: string;
  /** Servers beside the pipeline's: without what runs them here, they are left out. */
  readonly more: readonly ServerName[];
  readonly say: Say;
  readonly signal: AbortSignal;
}

export async function openBench({ dir, more, say, signal }: BenchOptions): Promise<Bench> {
  const owner = `${dir}.pid`;
  await refuseCompany(owner);
  await mkdir(dirname(owner), { recursive: true });
  await writeFile(owner, String(process.pid));
  const stack = new Stack({ dir, only: [...PIPELINE, ...more], optional: more, say });
  const closing: (() => Promise<unknown>)[] = [
    () => rm(owner, { force: true }),
    () => stack.destroy(),
  ];
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).toReversed()) await one();
  };
  try {
    // What a run that was killed has left.
    await stack.destroy();
    await stack.up();
    signal.throwIfAborted();
    const env = stack.env();
    const kafka = new Kafka({
      clientId: 'scoreline-bench',
      brokers: [env['KAFKA_BROKERS'] ?? ''],
      logLevel: logLevel.NOTHING,
    });
    const admin = kafka.admin();
    await admin.connect();
    closing.push(() => admin.disconnect());
    const sampler = kafka.admin({ retry: { retries: 0 } });
    await sampler.connect();
    closing.push(() => sampler.disconnect());
    const sql = await createConnection({
      ...sqlAddress(env),
      user: 'root',
      timezone: 'Z',
      multipleStatements: true,
    });
    closing.push(() => sql.end());
    await sql.query("SET GLOBAL time_zone = '+00:00'");
    // As a production server has one: with MariaDB's 128 MB the indexes of millions of rows are read
    // back from disk while they grow, and loading takes longer than everything measured.
    await sql.query(`SET GLOBAL innodb_buffer_pool_size = ${BUFFER_POOL_BYTES}`);
    return { stack, env, dir: join(dir, 'runs'), say, signal, kafka, admin, sampler, sql, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where the stack's MariaDB listens. */
export function sqlAddress(env: Readonly<Record<string, string>>): { host: string; port: number } {
  const address = /@tcp\(([^:]+):(\d+)\)/.exec(env['DATABASE_DSN'] ?? '');
  if (address === null) throw new Error('the stack does not tell where MariaDB is');
  return { host: address[1] ?? '', port: Number(address[2]) };
}

/** The pid of one of the stack's servers. */
export function serverPid(bench: Bench, name: 'kafka' | 'mariadb' | 'clickhouse'): number {
  const { pid } = bench.stack[name];
  if (pid === null) throw new Error(`${name} does not run`);
  return pid;
}

/** Two runs would measure each other. */
async function refuseCompany(owner: string): Promise<void> {
  const pid = Number(await readFile(owner, 'utf8').catch(() => '0'));
  if (pid === 0) return;
  try {
    process.kill(pid, 0);
  } catch {
    return;
  }
  throw new Error(`another bench runs, as process ${pid}: wait for its end, or delete ${owner}`);
}
