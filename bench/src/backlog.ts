import type { Connection, RowDataPacket } from 'mysql2/promise';

import type { Identity } from './identity.ts';
import { bulkInsert, BULK_INSERT_ROWS, singleInserts, TABLE_DDL } from './rows.ts';

/** Rows that wait in the binlog. */
export interface Backlog {
  readonly database: string;
  readonly identity: Identity;
}

export type Shape = 'bulk' | 'single';

/** One-row inserts that go to the server at once; each is a transaction of its own all the same. */
const SINGLES_PER_QUERY = 500;

/** An empty table in a new database. The binlog begins anew, so that it holds this backlog alone. */
export async function createTable(sql: Connection, database: string): Promise<void> {
  await sql.query('RESET MASTER');
  await sql.query(`CREATE DATABASE ${database}`);
  await sql.query(`GRANT SELECT ON ${database}.* TO 'scoreline'@'%'`);
  await sql.query(`USE ${database}`);
  await sql.query(TABLE_DDL);
}

/** Fills the table, as one insert for many rows or as one transaction for each. */
export async function load(
  sql: Connection,
  { shape, rows, signal }: { shape: Shape; rows: number; signal: AbortSignal },
): Promise<Identity> {
  // Only the loading is in a hurry; who reads the binlog later finds a durable server again.
  await durable(sql, false);
  try {
    const step = shape === 'bulk' ? BULK_INSERT_ROWS : SINGLES_PER_QUERY;
    for (let done = 0; done < rows; done += step) {
      signal.throwIfAborted();
      const count = Math.min(step, rows - done);
      await sql.query(shape === 'bulk' ? bulkInsert(count) : singleInserts(done, count));
    }
  } finally {
    await durable(sql, true);
  }
  await sql.query('FLUSH BINARY LOGS');
  return tableIdentity(sql);
}

/** Of the rows that are in a table. */
export async function tableIdentity(sql: Connection, table = 'log_scores'): Promise<Identity> {
  const [[facts]] = await sql.query<RowDataPacket[]>(
    `SELECT COUNT(*) count, COUNT(DISTINCT id) dist, COALESCE(SUM(id), 0) sum FROM ${table}`,
  );
  return {
    count: Number(facts?.['count']),
    distinct: Number(facts?.['dist']),
    sum: Number(facts?.['sum']),
  };
}

async function durable(sql: Connection, on: boolean): Promise<void> {
  await sql.query(`SET GLOBAL sync_binlog = ${on ? 1 : 0}`);
  await sql.query(`SET GLOBAL innodb_flush_log_at_trx_commit = ${on ? 1 : 2}`);
}
