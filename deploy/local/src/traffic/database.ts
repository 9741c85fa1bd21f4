import { type Connection, createConnection } from 'mysql2/promise';

/** `user[:password]@tcp(host:port)/database`, the form that `.local/stack.env` has. */
const DSN = /^([^:@]+)(?::(.*))?@tcp\(([^()]+):(\d+)\)\/(\w+)$/;

/** Where a database is. */
export interface DatabaseAddress {
  readonly user: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

export function parseAddress(dsn: string): DatabaseAddress {
  const [, user, password, host, port, database] = DSN.exec(dsn) ?? [];
  if (user === undefined || host === undefined || database === undefined) {
    throw new Error(
      `expected user:password@tcp(host:port)/database, got ${dsn.replace(/:[^:@]*@/, ':***@')}`,
    );
  }
  return { user, password: password ?? '', host, port: Number(port), database };
}

/** A session in UTC that reports a held lock after seconds, not after the server's 50. */
export async function connect(dsn: string, database = true): Promise<Connection> {
  const { user, password, host, port, database: name } = parseAddress(dsn);
  const connection = await createConnection({
    host,
    port,
    user,
    password,
    ...(database ? { database: name } : {}),
    supportBigNumbers: true,
    charset: 'utf8mb4',
  });
  await connection.query(`SET time_zone = '+00:00', SESSION innodb_lock_wait_timeout = 10`);
  return connection;
}
