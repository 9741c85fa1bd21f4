import type { TestContext } from 'node:test';

import {
  connectionOptions,
  type LockHolder,
  parseDsn,
  Pool,
  type Source,
} from '@scoreline/database';
import { needServer, uniqueName } from '@scoreline/testing';
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';

import { PurgeTable, type PurgeTableOptions } from '../purge-table.ts';

export type SqlServerName = 'mariadb' | 'mysql';

export const NEEDED = {
  mariadb: 'PROCESS, BINLOG MONITOR',
  mysql: 'PROCESS, REPLICATION CLIENT',
} as const;

const LOG_SCORES = `(id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, server_id int unsigned NOT NULL,
  ts datetime NOT NULL, score double NOT NULL DEFAULT 0, \`offset\` double DEFAULT NULL, attributes text)`;

/** A database of a test's own, an administrator in it, and a user who may what the purge needs. */
export class PurgeSource {
  readonly admin: Connection;
  readonly source: Source;
  /** Of a lock that the administrator has, as a purge has its own. */
  readonly holder: LockHolder;
  /** Its user may everything. */
  readonly administrator: Source;
  readonly #works: (() => unknown)[];

  private constructor(
    admin: Connection,
    administrator: Source,
    source: Source,
    works: (() => unknown)[],
  ) {
    this.admin = admin;
    this.administrator = administrator;
    this.source = source;
    this.holder = { names: [source.database], connectionId: admin.threadId };
    this.#works = works;
  }

  /** Runs when the test is over, the latest first. */
  cleanUp(work: () => unknown): void {
    this.#works.push(work);
  }

  /** Null when the server is not there. */
  static async create(
    t: TestContext,
    server: SqlServerName,
    {
      columns = LOG_SCORES,
      grants = ['SELECT', 'DELETE', 'TRIGGER'],
      globals = NEEDED[server],
    }: { columns?: string; grants?: readonly string[]; globals?: string } = {},
  ): Promise<PurgeSource | null> {
    const dsn = needServer(t, `${server}-admin`);
    if (dsn === '') return null;
    const database = uniqueName('purge');
    const administrator: Source = {
      ...parseDsn(dsn),
      table: 'log_scores',
      timeZone: undefined,
      tlsCa: undefined,
      origin: 'database_dsn',
    };
    const admin = await mysql.createConnection(connectionOptions(administrator));
    const user = uniqueName('u');
    const works: (() => unknown)[] = [
      () => admin.end(),
      () => admin.query(`DROP USER IF EXISTS ${user}@'%'`),
      () => admin.query(`DROP DATABASE ${database}`),
    ];
    t.after(async () => {
      for (const work of works.toReversed()) await work();
    });
    await admin.query('SELECT GET_LOCK(?, 0)', [database]);
    await admin.query(`CREATE DATABASE ${database}`);
    await admin.query(`USE ${database}`);
    await admin.query("SET SESSION time_zone = '+00:00', sql_mode = ''");
    await admin.query(`CREATE TABLE log_scores ${columns}`);
    await admin.query(`CREATE USER ${user}@'%' IDENTIFIED BY 'secret'`);
    if (globals !== '') await admin.query(`GRANT ${globals} ON *.* TO ${user}@'%'`);
    if (grants.length > 0) {
      await admin.query(`GRANT ${grants.join(', ')} ON ${database}.log_scores TO ${user}@'%'`);
    }
    const own = { ...administrator, database };
    return new PurgeSource(admin, own, { ...own, user, password: 'secret' }, works);
  }

  /** The table as the purge has it. */
  table(options: Partial<PurgeTableOptions> = {}, reach: Partial<Source> = {}): PurgeTable {
    const pool = new Pool({ ...this.source, ...reach });
    this.cleanUp(() => pool.end());
    return new PurgeTable(pool, { source: this.source, retentionDays: 15, ...options });
  }

  /** Another session of the administrator. */
  async connect(): Promise<Connection> {
    const connection = await mysql.createConnection(connectionOptions(this.administrator));
    this.cleanUp(() => connection.destroy());
    return connection;
  }

  /** Rows with these ids, so many days old. */
  async insert(ids: readonly number[], days = 20): Promise<void> {
    for (let at = 0; at < ids.length; at += 5_000) {
      const values = ids
        .slice(at, at + 5_000)
        .map((id) => `(${id}, 7, UTC_TIMESTAMP() - INTERVAL ${days} DAY, ${id / 7}, NULL, '{}')`);
      await this.admin.query(`INSERT INTO log_scores VALUES ${values.join()}`);
    }
  }

  async ids(): Promise<number[]> {
    const [rows] = await this.admin.query<RowDataPacket[]>('SELECT id FROM log_scores ORDER BY id');
    return rows.map((row) => Number(row['id']));
  }

  /** How many sessions of the purge have a statement like this one at hand. */
  async running(statement: string): Promise<number> {
    const [rows] = await this.admin.query<RowDataPacket[]>(
      'SELECT ID FROM information_schema.PROCESSLIST WHERE USER = ? AND INFO LIKE ?',
      [this.source.user, statement],
    );
    return rows.length;
  }
}
