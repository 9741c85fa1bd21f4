import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import { type Database, Databases } from '@scoreline/local';
import { needServer, until, uniqueName } from '@scoreline/testing';

import { CaptureProcess } from './capture-process.ts';
import { type CapturedRow, CapturedTopic } from './captured-topic.ts';
import { captureSettings } from './setup.ts';
import { LOG_SCORES, type SqlServerName } from './source-database.ts';

const VERBS = { mariadb: 'SLAVE', mysql: 'REPLICA' } as const;

/** Servers that take one another's place, a database on them, and the topic of one capture. */
export class FailoverWorld {
  readonly topic: CapturedTopic;
  readonly name = uniqueName('failover');
  readonly #t: TestContext;
  readonly #flavour: SqlServerName;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #servers = new Databases();
  #rows = 0;

  private constructor(
    t: TestContext,
    flavour: SqlServerName,
    topic: CapturedTopic,
    settings: Readonly<Record<string, string>>,
  ) {
    this.#t = t;
    this.#flavour = flavour;
    this.topic = topic;
    this.#settings = settings;
  }

  /** Null when Kafka, or a server of this flavour, is not there. */
  static async create(
    t: TestContext,
    flavour: SqlServerName,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<FailoverWorld | null> {
    const brokers = needServer(t, 'kafka');
    if (brokers === '' || needServer(t, 'registry') === '' || needServer(t, flavour) === '')
      return null;
    const topic = await CapturedTopic.create(t, brokers);
    const world = new FailoverWorld(t, flavour, topic, settings);
    t.after(() => world.#servers.destroy());
    return world;
  }

  /** A server with the table, or one that gets it from its primary. */
  async start({ replicaOf }: { readonly replicaOf?: Database } = {}): Promise<Database> {
    const server = await this.#servers.start({ flavour: this.#flavour });
    if (replicaOf === undefined) {
      await server.run(
        `CREATE DATABASE ${this.name}`,
        `GRANT SELECT ON ${this.name}.* TO 'scoreline'@'%'`,
        `CREATE TABLE ${this.name}.log_scores ${LOG_SCORES}`,
      );
    } else {
      await server.replicateFrom(replicaOf);
      await server.caughtUp();
    }
    return server;
  }

  dsn(at: Database): string {
    return at.dsn.replace(/\/[^/]*$/, `/${this.name}`);
  }

  /** The service, at this server. */
  capture(at: Database, more: Readonly<Record<string, string>> = {}): CaptureProcess {
    return CaptureProcess.start(this.#t, {
      ...captureSettings(this.dsn(at), this.topic),
      ...this.#settings,
      ...more,
    });
  }

  /** In transactions of 50 rows; on MariaDB in two domains in turns. */
  async insert(at: Database, rows: number, seed = 0): Promise<void> {
    for (let left = rows, domain = 0; left > 0; left -= 50, domain = 1 - domain) {
      const sql = this.#insertion(Math.min(left, 50), seed);
      if (this.#flavour === 'mysql') await at.run(sql);
      else await at.run(`SET SESSION gtid_domain_id = ${domain}`, sql);
    }
  }

  /** One transaction of so many times a thousand rows. */
  async insertTransaction(at: Database, thousands: number): Promise<void> {
    const all = Array.from({ length: thousands }, () => this.#insertion(1_000, 0));
    await at.run('BEGIN', ...all, 'COMMIT');
  }

  /** A row that a replica has by itself. MariaDB's strict mode asks for a domain of its own. */
  async insertErrant(at: Database, id: number): Promise<void> {
    const sql = `INSERT INTO ${this.name}.log_scores (id, server_id, ts) VALUES (${id}, 7, '2026-11-21 12:00:00')`;
    if (this.#flavour === 'mysql') await at.run(sql);
    else await at.run('SET SESSION gtid_domain_id = 9', sql);
  }

  async ids(at: Database): Promise<number[]> {
    const rows = await at.run(`SELECT id FROM ${this.name}.log_scores ORDER BY id`);
    return rows.map((row) => Number(row['id']));
  }

  async serverId(of: Database): Promise<number> {
    const [row] = await of.run('SELECT @@server_id AS value');
    return Number(row?.['value']);
  }

  /** As `accept_new_source` names it. */
  async serverUuid(of: Database): Promise<string> {
    if (this.#flavour === 'mariadb') return `${await this.serverId(of)}-0`;
    const [row] = await of.run('SELECT @@server_uuid AS value');
    return String(row?.['value']);
  }

  /** No row is left, and the next id is a high one. */
  async empty(at: Database): Promise<void> {
    const table = `${this.name}.log_scores`;
    await at.run(`DELETE FROM ${table}`, `ALTER TABLE ${table} AUTO_INCREMENT = 5000000`);
  }

  async stopApplying(replica: Database): Promise<void> {
    await replica.run(`STOP ${VERBS[this.#flavour]} SQL_THREAD`);
  }

  async startApplying(replica: Database): Promise<void> {
    await replica.run(`START ${VERBS[this.#flavour]} SQL_THREAD`);
  }

  /** Everything of the primary's binlog is in the replica's relay log. */
  async received(replica: Database, primary: Database): Promise<void> {
    const { file, offset } = await primary.position();
    await until(
      async () => {
        const [status] = await replica.run(`SHOW ${VERBS[this.#flavour]} STATUS`);
        const read = Number(status?.['Read_Master_Log_Pos'] ?? status?.['Read_Source_Log_Pos']);
        const from = status?.['Master_Log_File'] ?? status?.['Source_Log_File'];
        return from === file && read >= offset;
      },
      { what: 'the replica to receive everything' },
    );
  }

  /** Every row from the first captured one on is in the topic, once, as it is in the table. */
  async assertCaptured(at: Database): Promise<void> {
    const { startFloor } = await this.topic.checkpoint();
    const rows = await at.run(
      `SELECT id, server_id, score FROM ${this.name}.log_scores WHERE id >= ${startFloor.id} ORDER BY id`,
    );
    const wanted = rows.map((row) => text(row as unknown as CapturedRow));
    const found = (await this.topic.readRows(rows.length)).map(text).toSorted(byId);
    assert.deepEqual(
      { records: found.length, differing: found.filter((row, index) => row !== wanted[index]) },
      { records: wanted.length, differing: [] },
    );
  }

  #insertion(rows: number, seed: number): string {
    const values = Array.from({ length: rows }, () => {
      const row = ++this.#rows;
      return `(${(row % 300) + 1}, '2026-11-21 12:00:00', ${row + seed / 7}, 1, '{"leap":${row % 4}}')`;
    });
    return `INSERT INTO ${this.name}.log_scores (server_id, ts, score, step, attributes) VALUES ${values.join(',')}`;
  }
}

function text({ id, server_id: server, score }: CapturedRow): string {
  return `${id} ${server} ${score}`;
}

function byId(a: string, b: string): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10);
}
