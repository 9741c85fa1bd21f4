import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';

import { MariadbServer } from '../servers/mariadb.ts';
import { MysqlServer } from '../servers/mysql.ts';
import { DATABASE, PASSWORD, type SqlServerOptions, USER } from '../servers/sql-server.ts';
import { copyData } from './data-copy.ts';
import { type Dialect, DIALECTS, type Flavour, type Position } from './dialect.ts';
import { purgeBinlogs } from './purge.ts';

export interface DatabaseOptions extends Omit<SqlServerOptions, 'say'> {
  readonly flavour: Flavour;
}

const SERVERS = { mariadb: MariadbServer, mysql: MysqlServer } as const;
const CATCH_UP_SECONDS = 60;

/**
 * A database server of a test's own, beside the stack's and with the same accounts: with other
 * settings, as a replica of another one, or with its data put back to what they were.
 */
export class Database {
  readonly flavour: Flavour;
  readonly dir: string;
  readonly #server: MariadbServer | MysqlServer;
  readonly #dialect: Dialect;
  readonly #gtid: boolean;
  #primary: Database | null = null;
  #snapshots = 0;

  /** Opens nothing. */
  constructor({ flavour, ...options }: DatabaseOptions) {
    this.flavour = flavour;
    this.dir = options.dir;
    this.#server = new SERVERS[flavour]({ logReplicaUpdates: true, ...options, say: () => {} });
    this.#dialect = DIALECTS[flavour];
    this.#gtid = flavour === 'mariadb' || (options.gtid ?? true);
  }

  get pid(): number | null {
    return this.#server.pid;
  }

  get port(): number {
    return this.#server.sqlPort;
  }

  /** Of the user that captures, and may no more than that. */
  get dsn(): string {
    return `${USER}:${PASSWORD}@tcp(127.0.0.1:${this.port})/${DATABASE}`;
  }

  get adminDsn(): string {
    return `root@tcp(127.0.0.1:${this.port})/${DATABASE}`;
  }

  /** The names by which tests find a server of this flavour: for `process.env`. */
  get env(): Readonly<Record<string, string>> {
    return this.#server.endpoints();
  }

  /** A replica goes on replicating by itself. Whatever fails, no process is left. */
  async start(signal?: AbortSignal): Promise<void> {
    try {
      await this.#server.start(signal);
      if (this.#primary !== null) await this.run('SET GLOBAL read_only = 1');
    } catch (error) {
      await this.#server.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.#server.kill();
  }

  /** Stops, and deletes the folder. */
  async destroy(): Promise<void> {
    await this.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  /** A session of the administrator, whose owner ends it. */
  connect(): Promise<Connection> {
    return createConnection({
      host: '127.0.0.1',
      port: this.port,
      user: 'root',
      database: DATABASE,
      supportBigNumbers: true,
    });
  }

  /** Statements of the administrator, one after the other in one session; rows of the last one. */
  async run(...statements: readonly string[]): Promise<readonly RowDataPacket[]> {
    const connection = await this.connect();
    try {
      let rows: readonly RowDataPacket[] = [];
      for (const sql of statements) [rows] = await connection.query<RowDataPacket[]>(sql);
      return rows;
    } finally {
      await connection.end();
    }
  }

  /** Another account with the documented grants; `access` is the rest of its CREATE USER. */
  async createUser(name: string, access: string): Promise<void> {
    await this.run(...this.#server.userStatements(name, access));
  }

  /** The end of its binlog. */
  async position(): Promise<Position> {
    const [row] = await this.run(this.#dialect.status);
    return { file: String(row?.['File']), offset: Number(row?.['Position']) };
  }

  /** Names of its binlog files, oldest first. */
  async binlogs(): Promise<string[]> {
    return (await this.run('SHOW BINARY LOGS')).map((row) => String(row['Log_name']));
  }

  /**
   * Becomes a read-only replica, with what it lacks of the primary's binlog. Without GTIDs that is the
   * whole of it, or what comes after `from`.
   */
  async replicateFrom(primary: Database, from?: Position): Promise<void> {
    const dialect = this.#dialect;
    const position = this.#gtid ? null : (from ?? (await primary.#beginning()));
    const follow = dialect.follow(primary.port, position);
    await this.run('SET GLOBAL read_only = 1', ...follow, dialect.start);
    this.#primary = primary;
  }

  /** Resolves when it has applied everything that its primary has committed by now. */
  async caughtUp(seconds = CATCH_UP_SECONDS): Promise<void> {
    const position = await this.#followed().position();
    const [row] = await this.run(this.#dialect.waitFor(position, seconds));
    const answer = row?.['answer'] as number | null | undefined;
    if (typeof answer === 'number' && answer >= 0) return;
    const [status] = await this.run(this.#dialect.replicaStatus);
    const errors = Object.entries(status ?? {}).filter(([name]) => /^Last_\w*Error$/.test(name));
    throw new Error(
      `the replica in ${this.dir} is not at ${position.file}:${position.offset} of its primary: ${
        answer === null ? 'it does not replicate' : `not after ${seconds} s`
      }; ${JSON.stringify(Object.fromEntries(errors))}`,
    );
  }

  /** Takes nothing more from its primary; what it has is applied. */
  async stopReceiving(): Promise<void> {
    this.#followed();
    await this.run(this.#dialect.stopReceiving);
  }

  async startReceiving(): Promise<void> {
    this.#followed();
    await this.run(this.#dialect.startReceiving);
  }

  /** A replica no more, and writable; what it has received and not applied is lost: see `caughtUp`. */
  async promote(): Promise<void> {
    this.#followed();
    const { stop, forget } = this.#dialect;
    await this.run(stop, forget, 'SET GLOBAL read_only = 0');
    this.#primary = null;
  }

  /** All but a new binlog file are gone afterwards. Fails while somebody reads an older one. */
  async purgeBinlogs(): Promise<void> {
    await purgeBinlogs(this);
  }

  /** The data of now, to `restore` later, as a restored backup would be. Only while it is stopped. */
  async snapshot(): Promise<string> {
    this.#requireStopped();
    const folder = join(this.dir, `snapshot-${++this.#snapshots}`);
    await copyData(this.#server.dataDir, folder);
    return folder;
  }

  /** Only while it is stopped. A snapshot may be restored more than once. */
  async restore(snapshot: string): Promise<void> {
    this.#requireStopped();
    await copyData(snapshot, this.#server.dataDir);
  }

  async #beginning(): Promise<Position> {
    const [file = ''] = await this.binlogs();
    return { file, offset: 4 };
  }

  #followed(): Database {
    if (this.#primary === null) throw new Error(`the server in ${this.dir} is no replica`);
    return this.#primary;
  }

  #requireStopped(): void {
    if (this.pid !== null) throw new Error(`the server in ${this.dir} must be stopped for this`);
  }
}
