import { createConnection } from 'mysql2/promise';

/** One statement on a connection of its own. `dsn` as the local stack writes it: `user[:password]@tcp(host:port)/db`. */
export async function query<Row>(dsn: string, sql: string): Promise<readonly Row[]> {
  const [, user, password, host, port, database] =
    /^([^:@]+)(?::([^@]*))?@tcp\(([^:]+):(\d+)\)\/(.*)$/.exec(dsn) ?? [];
  if (host === undefined) throw new Error(`not a DSN of the local stack: ${dsn}`);
  const connection = await createConnection({
    host,
    port: Number(port),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(database ? { database } : {}),
  });
  try {
    const [rows] = await connection.query(sql);
    return rows as unknown as readonly Row[];
  } finally {
    await connection.end();
  }
}
