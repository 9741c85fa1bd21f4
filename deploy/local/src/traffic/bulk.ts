import type { Connection } from 'mysql2/promise';

import { connect } from './database.ts';

const COLUMNS = 'monitor_id, server_id, ts, score, step, `offset`, rtt, attributes';
/** Rows of one INSERT. */
const ROWS_PER_INSERT = 10_000;

export interface BulkOptions {
  readonly rows: number;
  /**
   * Without a sync for each commit while this runs: the work to measure is reading, not writing.
   * Needs the right to set global variables, and sets them back.
   */
  readonly relaxed?: boolean;
}

/** Rows in INSERTs of 10,000, each a transaction of its own, made by the server itself. */
export async function bulkLoad(dsn: string, { rows, relaxed }: BulkOptions): Promise<void> {
  await withConnection(dsn, relaxed, async (connection) => {
    await connection.query('CREATE TABLE IF NOT EXISTS numbers (n int PRIMARY KEY)');
    const numbers = Array.from({ length: ROWS_PER_INSERT }, (_, index) => `(${index})`);
    await connection.query(`INSERT IGNORE INTO numbers VALUES ${numbers.join(',')}`);
    for (let from = 0; from < rows; from += ROWS_PER_INSERT) {
      const count = Math.min(ROWS_PER_INSERT, rows - from);
      await connection.query(
        `INSERT INTO log_scores (${COLUMNS}) SELECT ${rowOf(`(${from} + n)`)} FROM numbers WHERE n < ${count}`,
      );
    }
  });
}

/** Autocommitted INSERTs of one row each, made by a stored procedure: no round trip between them. */
export async function singleRowTransactions(
  dsn: string,
  { rows, relaxed }: BulkOptions,
): Promise<void> {
  await withConnection(dsn, relaxed, async (connection) => {
    await connection.query('DROP PROCEDURE IF EXISTS insert_rows');
    await connection.query(`CREATE PROCEDURE insert_rows(count int)
      BEGIN
        DECLARE i int DEFAULT 0;
        WHILE i < count DO
          INSERT INTO log_scores (${COLUMNS}) VALUES (${rowOf('i')});
          SET i = i + 1;
        END WHILE;
      END`);
    await connection.query(`CALL insert_rows(${rows})`);
    await connection.query('DROP PROCEDURE insert_rows');
  });
}

/** A row from its number; ids of servers and monitors are among those of `createSchema`. */
function rowOf(n: string): string {
  return `1 + ${n} % 18, 1 + ${n} % 400, UTC_TIMESTAMP(), 20 - (${n} % 30) / 7e0,
    IF(${n} % 17 = 0, -5e0, 1e0), (${n} % 1000 - 500) / 99991e0, 1000 + ${n} % 90000,
    IF(${n} % 5 = 0, IF(${n} % 10 = 0, '{"no_response":true,"error":"i/o timeout"}', '{"leap":1}'), NULL)`;
}

async function withConnection(
  dsn: string,
  relaxed: boolean | undefined,
  work: (connection: Connection) => Promise<void>,
): Promise<void> {
  const connection = await connect(dsn);
  try {
    await (relaxed === true ? withoutSync(connection, work) : work(connection));
  } finally {
    await connection.end();
  }
}

async function withoutSync(
  connection: Connection,
  work: (connection: Connection) => Promise<void>,
): Promise<void> {
  const [rows] = await connection.query(
    'SELECT @@GLOBAL.sync_binlog AS binlog, @@GLOBAL.innodb_flush_log_at_trx_commit AS log',
  );
  const [before] = rows as { binlog: number; log: number }[];
  if (before === undefined) throw new Error('the server does not tell sync_binlog');
  await connection.query('SET GLOBAL sync_binlog = 0, GLOBAL innodb_flush_log_at_trx_commit = 0');
  try {
    await work(connection);
  } finally {
    await connection.query(
      `SET GLOBAL sync_binlog = ${before.binlog}, GLOBAL innodb_flush_log_at_trx_commit = ${before.log}`,
    );
  }
}
