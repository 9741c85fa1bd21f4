import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';

import { parseDsn } from './mysql.ts';

/** Rows that have their ids, and no commit yet. */
export interface OpenRows {
  readonly ids: readonly number[];
  commit(): Promise<void>;
  close(): Promise<void>;
}

/** A transaction with `count` rows that is left open, for servers and monitors that traffic leaves alone. */
export async function openRows(dsn: string, count: number): Promise<OpenRows> {
  const connection = await createConnection(parseDsn(dsn));
  const [servers] = await connection.query<RowDataPacket[]>(
    'SELECT id FROM servers WHERE id % 10 = 0 ORDER BY id LIMIT 1',
  );
  await connection.query('BEGIN');
  const values = Array.from(
    { length: count },
    (_, row) => `(${servers[0]!['id']}, UTC_TIMESTAMP(), ${row / 3}, 1, 'late')`,
  );
  await connection.query(
    `INSERT INTO log_scores (server_id, ts, score, step, attributes) VALUES ${values.join(', ')}`,
  );
  return { ids: await ownIds(connection, count), ...ending(connection) };
}

function ending(connection: Connection): Pick<OpenRows, 'commit' | 'close'> {
  return {
    commit: async () => {
      await connection.query('COMMIT');
    },
    close: () => connection.end(),
  };
}

/** Those of one INSERT follow each other. */
async function ownIds(connection: Connection, count: number): Promise<number[]> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT LAST_INSERT_ID() AS first');
  const first = Number(rows[0]!['first']);
  return Array.from({ length: count }, (_, row) => first + row);
}
