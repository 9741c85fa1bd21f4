import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { RowDataPacket } from 'mysql2';

import type { Backlog } from '../backlog.ts';
import { type Bench, sqlAddress } from '../bench.ts';
import { formatProperties } from '../connect/properties.ts';
import { jsonId } from '../identity.ts';
import type { Measured } from '../measurement.ts';
import { MeasuredProcess } from '../process.ts';
import type { Contender } from '../rounds.ts';
import { recreateTopic } from '../topics.ts';
import { measureCapture } from './capture-contender.ts';

const VERSION = '1.45';

/** Maxwell, from an unpacked release that MAXWELL_HOME names: it is on no package registry. */
export class Maxwell implements Contender {
  readonly system = 'maxwell';
  readonly #bench: Bench;
  readonly #backlog: () => Backlog;
  readonly #database: string;
  readonly #lib: string;
  #position = '';

  constructor(bench: Bench, options: { database: string; backlog: () => Backlog }) {
    this.#bench = bench;
    this.#backlog = options.backlog;
    this.#database = options.database;
    this.#lib = join(process.env['MAXWELL_HOME'] ?? '', 'lib');
  }

  async prepare(): Promise<string | null> {
    if (!process.env['MAXWELL_HOME']) {
      return `Maxwell ${VERSION} is on no package registry: set MAXWELL_HOME to an unpacked release`;
    }
    const jars = existsSync(this.#lib) ? await readdir(this.#lib) : [];
    if (!jars.some((jar) => jar.startsWith(`maxwell-${VERSION}.`))) {
      return `no maxwell-${VERSION}.*.jar in MAXWELL_HOME/lib`;
    }
    const { sql } = this.#bench;
    await sql.query("CREATE USER IF NOT EXISTS maxwell@'%' IDENTIFIED BY 'maxwell'");
    await sql.query("GRANT ALL ON *.* TO maxwell@'%'");
    const [[status]] = await sql.query<RowDataPacket[]>('SHOW MASTER STATUS');
    this.#position = `${status?.['File']}:${status?.['Position']}:0`;
    return null;
  }

  async measure(round: number): Promise<Measured> {
    const { sql, env, dir: runs } = this.#bench;
    const dir = join(runs, this.system, this.#database, `round-${round}`);
    await mkdir(dir, { recursive: true });
    await sql.query('DROP DATABASE IF EXISTS maxwell; CREATE DATABASE maxwell');
    const topic = `maxwell.${this.#database}`;
    await recreateTopic(this.#bench, topic);
    const { host, port } = sqlAddress(env);
    const config = join(dir, 'config.properties');
    await writeFile(
      config,
      formatProperties({
        producer: 'kafka',
        'kafka.bootstrap.servers': env['KAFKA_BROKERS'] ?? '',
        kafka_topic: topic,
        host,
        port,
        user: 'maxwell',
        password: 'maxwell',
        schema_database: 'maxwell',
        client_id: `bench${round}`,
        replica_server_id: 5402,
        filter: `exclude: *.*, include: ${this.#database}.log_scores`,
        'kafka.compression.type': 'lz4',
        'kafka.linger.ms': 20,
        'kafka.batch.size': 524_288,
        'kafka.buffer.memory': 134_217_728,
        'kafka.acks': 1,
        'kafka.max.in.flight.requests.per.connection': 5,
        binlog_event_queue_size: 20_000,
        output_xoffset: false,
        output_commit_info: false,
      }),
    );
    const started = await MeasuredProcess.start({
      name: this.system,
      command: 'java',
      args: [
        '-Xmx1g',
        '-XX:+UseG1GC',
        '-cp',
        join(this.#lib, '*'),
        'com.zendesk.maxwell.Maxwell',
        `--config=${config}`,
        `--init_position=${this.#position}`,
      ],
      logFile: join(dir, 'maxwell.log'),
    });
    return measureCapture(this.#bench, this.#backlog(), { topic, process: started, id: jsonId });
  }
}
