import type { TestContext } from 'node:test';

import { connectionOptions, currentPosition, parseDsn, type Source } from '@scoreline/database';
import type { BinlogPosition } from '@scoreline/ledger';
import { needServer, uniqueName } from '@scoreline/testing';
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';

export type SqlServerName = 'mariadb' | 'mysql';

export const LOG_SCORES = `(
  id bigint unsigned NOT NULL AUTO_INCREMENT, monitor_id int unsigned DEFAULT NULL,
  server_id int unsigned NOT NULL, ts datetime NOT NULL, score double NOT NULL DEFAULT 0,
  step double NOT NULL DEFAULT 0, \`offset\` double DEFAULT NULL, rtt mediumint DEFAULT NULL,
  attributes text, PRIMARY KEY (id)) ENGINE=InnoDB`;

/** A database of a test's own with an empty log_scores, and an administrator in it. */
export class SourceDatabase {
  readonly name: string;
  /** Of the user that captures. */
  readonly dsn: string;
  readonly admin: Connection;
  readonly #source: Source;
  readonly #server: SqlServerName;
  /** Statements that put back what a test has changed of the server. */
  readonly #undo: string[] = [];

  private constructor(
    name: string,
    dsn: string,
    admin: Connection,
    { source, server }: { source: Source; server: SqlServerName },
  ) {
    this.name = name;
    this.dsn = dsn;
    this.admin = admin;
    this.#source = source;
    this.#server = server;
  }

  /** Null when the server is not there. */
  static async create(t: TestContext, server: SqlServerName): Promise<SourceDatabase | null> {
    const adminDsn = needServer(t, `${server}-admin`);
    const userDsn = needServer(t, server);
    if (adminDsn === '' || userDsn === '') return null;
    const name = uniqueName('capture');
    const source: Source = {
      ...parseDsn(adminDsn),
      database: 'mysql',
      table: 'log_scores',
      timeZone: undefined,
      tlsCa: undefined,
      origin: 'database_dsn',
    };
    const admin = await mysql.createConnection(connectionOptions(source));
    await admin.query(`CREATE DATABASE ${name}`);
    await admin.query(`USE ${name}`);
    const dsn = userDsn.replace(/\/[^/]*$/, `/${name}`);
    const created = new SourceDatabase(name, dsn, admin, { source, server });
    t.after(() => created.#end());
    await admin.query(`GRANT SELECT ON ${name}.* TO ${parseDsn(userDsn).user}@'%'`);
    return created;
  }

  async #end(): Promise<void> {
    for (const sql of this.#undo) await this.admin.query(sql);
    await this.admin.query(`DROP DATABASE ${this.name}`);
    await this.admin.end();
  }

  /** Changes a global variable until the test ends. */
  async setGlobal(name: string, value: string, before: string): Promise<void> {
    this.#undo.push(`SET GLOBAL ${name} = ${before}`);
    await this.admin.query(`SET GLOBAL ${name} = ${value}`);
  }

  async createTable(): Promise<void> {
    await this.admin.query(`CREATE TABLE log_scores ${LOG_SCORES}`);
  }

  /** Another session of the administrator, in this database. */
  async connect(t: TestContext): Promise<Connection> {
    const connection = await mysql.createConnection(
      connectionOptions({ ...this.#source, database: this.name }),
    );
    t.after(() => connection.destroy());
    return connection;
  }

  /** Inserts rows in one statement. */
  async insert(rows: number, connection: Connection = this.admin): Promise<void> {
    for (let left = rows; left > 0; left -= 1_000) {
      const values = Array.from(
        { length: Math.min(left, 1_000) },
        (_, i) =>
          `(${(i % 9) + 1}, ${(i % 300) + 1}, '2025-11-21 12:00:00', 20, 1, 0.001, '{"leap":0}')`,
      );
      await connection.query(
        `INSERT INTO log_scores (monitor_id, server_id, ts, score, step, \`offset\`, attributes) VALUES ${values.join(',')}`,
      );
    }
  }

  /** Rows that no binlog has. */
  async insertUnlogged(rows: number): Promise<void> {
    await this.admin.query('SET SESSION sql_log_bin = 0');
    await this.insert(rows);
    await this.admin.query('SET SESSION sql_log_bin = 1');
  }

  async ids(where = ''): Promise<number[]> {
    const [rows] = await this.admin.query<RowDataPacket[]>(
      `SELECT id FROM log_scores ${where} ORDER BY id`,
    );
    return rows.map((row) => Number(row['id']));
  }

  /** Where the binlog ends. */
  position(): Promise<BinlogPosition> {
    return currentPosition(this.admin, this.#server);
  }

  /** Ids of the sessions whose statement, lock or user matches. */
  async sessions(condition: string): Promise<number[]> {
    const [rows] = await this.admin.query<RowDataPacket[]>(
      `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE ${condition} ORDER BY ID`,
    );
    return rows.map((row) => Number(row['id']));
  }

  /** Kills them. Returns how many. */
  async killSessions(condition: string): Promise<number> {
    const ids = await this.sessions(condition);
    for (const id of ids) await this.admin.query(`KILL ${id}`).catch(() => {});
    return ids.length;
  }

  async holderOf(lock: string): Promise<number | null> {
    const [[row]] = await this.admin.query<RowDataPacket[]>('SELECT IS_USED_LOCK(?) AS holder', [
      lock,
    ]);
    return row?.['holder'] === null ? null : Number(row?.['holder']);
  }
}
