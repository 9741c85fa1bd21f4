import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';

import { parseDsn } from './mysql.ts';

/**
 * Runs statements in a session of the administrator and resolves to what MariaDB wrote to its binlog, in
 * words: the text of a query, the type of another event. Nobody else may write meanwhile.
 */
export async function eventsOf(dsn: string, statements: readonly string[]): Promise<string[]> {
  const connection = await createConnection(parseDsn(dsn));
  try {
    const [end] = await rows(connection, 'SHOW MASTER STATUS');
    for (const sql of statements) await connection.query(sql);
    const events = await rows(
      connection,
      `SHOW BINLOG EVENTS IN '${end!['File']}' FROM ${end!['Position']}`,
    );
    return events.map((one) =>
      String(one['Event_type'] === 'Query' ? one['Info'] : one['Event_type']),
    );
  } finally {
    await connection.end();
  }
}

async function rows(connection: Connection, sql: string): Promise<readonly RowDataPacket[]> {
  const [found] = await connection.query<RowDataPacket[]>(sql);
  return found;
}
