import { until } from '@scoreline/testing';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';

import { parseDsn } from '../harness/mysql.ts';

/** A session that holds the lock of one row, so that a chunk with that row stands between its digest and its end. */
export class HeldRow {
  readonly #connection: Connection;
  #isReleased = false;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  static async lock(adminDsn: string, id: number): Promise<HeldRow> {
    const connection = await createConnection(parseDsn(adminDsn));
    await connection.query('BEGIN');
    await connection.query(`SELECT id FROM log_scores WHERE id = ${id} FOR UPDATE`);
    return new HeldRow(connection);
  }

  /** Waits until somebody waits for the lock; tells with which statement. Nobody else locks anything here. */
  async waitedFor(): Promise<string> {
    return until(
      async () => {
        const [[waiting]] = await this.#connection.query<RowDataPacket[]>(
          `SELECT LEFT(trx_query, 60) AS statement FROM information_schema.INNODB_TRX
           WHERE trx_state = 'LOCK WAIT'`,
        );
        return waiting?.['statement'] as string | undefined;
      },
      // Whoever asks more often is told what was.
      { what: 'a chunk that waits for the lock', everyMs: 150 },
    );
  }

  /** In the transaction that holds it. */
  async sql(statement: string): Promise<void> {
    await this.#connection.query(statement);
  }

  async commit(): Promise<void> {
    await this.#connection.query('COMMIT');
  }

  /** May be done twice. */
  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    await this.#connection.query('ROLLBACK');
    await this.#connection.end();
  }
}
