import { type ConnectionOptions, createConnection } from 'mysql2/promise';

/** A DSN as the local stack writes it: `user[:password]@tcp(host:port)/db`. */
export function parseDsn(dsn: string): ConnectionOptions {
  const [, user, password, host, port, database] =
    /^([^:@]+)(?::([^@]*))?@tcp\(([^:]+):(\d+)\)\/(.*)$/.exec(dsn) ?? [];
  if (host === undefined) throw new Error(`not a DSN of the local stack: ${dsn}`);
  return {
    host,
    port: Number(port),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(database ? { database } : {}),
  };
}

/** One statement on a connection of its own. */
export async function query<Row>(dsn: string, sql: string): Promise<readonly Row[]> {
  const connection = await createConnection(parseDsn(dsn));
  try {
    const [rows] = await connection.query(sql);
    return rows as unknown as readonly Row[];
  } finally {
    await connection.end();
  }
}
