import { PASSWORD, USER } from '../servers/sql-server.ts';

export type Flavour = 'mariadb' | 'mysql';

export interface Position {
  readonly file: string;
  readonly offset: number;
}

/** What MariaDB and MySQL call the same things. */
export interface Dialect {
  readonly status: string;
  /** Statements that make a server a replica of the one at this port; without GTIDs from a position on. */
  follow(port: number, from: Position | null): readonly string[];
  readonly stop: string;
  readonly start: string;
  readonly stopReceiving: string;
  readonly startReceiving: string;
  readonly forget: string;
  readonly replicaStatus: string;
  /** Resolves to null when nothing is replicated, and to -1 when it took too long. */
  waitFor(position: Position, seconds: number): string;
}

const MARIADB: Dialect = {
  status: 'SHOW MASTER STATUS',
  follow: (port) => [
    // Also of what it wrote as a primary: it need not, and could not, have that again.
    'SET GLOBAL gtid_slave_pos = @@GLOBAL.gtid_current_pos',
    `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${port}, MASTER_USER = '${USER}',
       MASTER_PASSWORD = '${PASSWORD}', MASTER_CONNECT_RETRY = 1, MASTER_SSL = 0,
       MASTER_SSL_VERIFY_SERVER_CERT = 0, MASTER_USE_GTID = slave_pos`,
  ],
  stop: 'STOP SLAVE',
  start: 'START SLAVE',
  stopReceiving: 'STOP SLAVE IO_THREAD',
  startReceiving: 'START SLAVE IO_THREAD',
  forget: 'RESET SLAVE ALL',
  replicaStatus: 'SHOW SLAVE STATUS',
  waitFor: ({ file, offset }, seconds) =>
    `SELECT MASTER_POS_WAIT('${file}', ${offset}, ${seconds}) AS answer`,
};

const MYSQL: Dialect = {
  status: 'SHOW BINARY LOG STATUS',
  follow: (port, from) => [
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${port},
       SOURCE_USER = '${USER}', SOURCE_PASSWORD = '${PASSWORD}', GET_SOURCE_PUBLIC_KEY = 1,
       SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 0, ${
         from === null
           ? 'SOURCE_AUTO_POSITION = 1'
           : `SOURCE_AUTO_POSITION = 0, SOURCE_LOG_FILE = '${from.file}', SOURCE_LOG_POS = ${from.offset}`
       }`,
  ],
  stop: 'STOP REPLICA',
  start: 'START REPLICA',
  stopReceiving: 'STOP REPLICA IO_THREAD',
  startReceiving: 'START REPLICA IO_THREAD',
  forget: 'RESET REPLICA ALL',
  replicaStatus: 'SHOW REPLICA STATUS',
  waitFor: ({ file, offset }, seconds) =>
    `SELECT SOURCE_POS_WAIT('${file}', ${offset}, ${seconds}) AS answer`,
};

export const DIALECTS: Readonly<Record<Flavour, Dialect>> = { mariadb: MARIADB, mysql: MYSQL };
