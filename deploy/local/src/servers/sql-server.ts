import { userInfo } from 'node:os';

import { createConnection, type Connection } from 'mysql2/promise';

import { ServerBase } from './server-base.ts';

export const DATABASE = 'ntp';
export const USER = 'scoreline';
/** Of servers that listen on 127.0.0.1 only and are gone with their folder. */
export const PASSWORD = 'scoreline';

/** What MariaDB and MySQL share: accounts, the readiness question, row binlogs with full metadata. */
export abstract class SqlServer extends ServerBase {
  protected override readonly ports = ['sql'];
  /** Privileges on *.* that reading the binlog needs. */
  protected abstract readonly replicationGrants: string;
  protected abstract readonly dsnVariable: string;
  protected abstract readonly adminVariable: string;

  override endpoints(): Readonly<Record<string, string>> {
    const address = `tcp(127.0.0.1:${this.port('sql')})/${DATABASE}`;
    return {
      [this.dsnVariable]: `${USER}:${PASSWORD}@${address}`,
      [this.adminVariable]: `root@${address}`,
    };
  }

  override async ready(): Promise<boolean> {
    try {
      const connection = await this.#root();
      await connection.end();
      return true;
    } catch {
      return false;
    }
  }

  /** The accounts that a new server gets: what docs/3-prerequisites.md asks for, and no more. */
  protected async prepare(): Promise<void> {
    const root = await this.#root();
    try {
      await root.query(`CREATE DATABASE IF NOT EXISTS ${DATABASE}`);
      await root.query(`CREATE USER IF NOT EXISTS '${USER}'@'%' IDENTIFIED BY '${PASSWORD}'`);
      await root.query(`GRANT ${this.replicationGrants} ON *.* TO '${USER}'@'%'`);
      await root.query(`GRANT SELECT ON ${DATABASE}.* TO '${USER}'@'%'`);
    } finally {
      await root.end();
    }
  }

  /** Options that both servers know. Durable as in production: a rewound server must be a test's doing. */
  protected serverOptions(data: string): string[] {
    return [
      `--datadir=${data}`,
      `--port=${this.port('sql')}`,
      '--bind-address=127.0.0.1',
      // Relative to the data folder: a socket's whole path may have 107 bytes, a clone's folder any number.
      '--socket=sql.sock',
      '--server-id=1',
      '--log-bin=binlog',
      '--binlog-row-image=FULL',
      '--binlog-row-metadata=FULL',
      '--sync-binlog=1',
      '--innodb-flush-log-at-trx-commit=1',
      ...asUser(),
    ];
  }

  #root(): Promise<Connection> {
    return createConnection({
      host: '127.0.0.1',
      port: this.port('sql'),
      user: 'root',
      connectTimeout: 2_000,
    });
  }
}

/** Both servers refuse to run as root unless told who they are. */
export function asUser(): string[] {
  const { uid, username } = userInfo();
  return uid === 0 ? [`--user=${username}`] : [];
}
