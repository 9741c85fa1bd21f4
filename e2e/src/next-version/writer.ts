import { setTimeout as delay } from 'node:timers/promises';

import { type Connection, createConnection } from 'mysql2/promise';

import { parseDsn } from '../harness/mysql.ts';

const BATCH_ROWS = 20;
const EVERY_MS = 20;

/** Writes rows until it is stopped, with the added column once the table has it. */
export class Writer {
  hasJitter = false;
  #rows = 0;
  #stopped = false;
  readonly #connection: Connection;
  readonly #done: Promise<void>;

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.#done = this.#write();
    this.#done.catch(() => {});
  }

  static async start(dsn: string): Promise<Writer> {
    const connection = await createConnection(parseDsn(dsn));
    // The servers and monitors that rows refer to are of no interest here.
    await connection.query('SET SESSION foreign_key_checks = 0');
    return new Writer(connection);
  }

  /** Rows with the added column that no binlog has: only the table tells of them. */
  static async unlogged(dsn: string, rows: number): Promise<void> {
    const connection = await createConnection(parseDsn(dsn));
    try {
      await connection.query('SET SESSION sql_log_bin = 0, SESSION foreign_key_checks = 0');
      await connection.query(insertOf(0, rows, true));
    } finally {
      await connection.end();
    }
  }

  /** Committed. */
  get rows(): number {
    return this.#rows;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    try {
      await this.#done;
    } finally {
      await this.#connection.end();
    }
  }

  async #write(): Promise<void> {
    while (!this.#stopped) {
      await this.#connection.query(insertOf(this.#rows, BATCH_ROWS, this.hasJitter));
      this.#rows += BATCH_ROWS;
      await delay(EVERY_MS);
    }
  }
}

function insertOf(from: number, rows: number, hasJitter: boolean): string {
  const values = Array.from({ length: rows }, (_, i) => row(from + i, hasJitter));
  const columns = `server_id, monitor_id, ts, score, step, \`offset\`, rtt, attributes${hasJitter ? ', jitter' : ''}`;
  return `INSERT INTO log_scores (${columns}) VALUES ${values.join(', ')}`;
}

/** Values that are the same in decimal and in a double, some of them NULL. */
function row(n: number, hasJitter: boolean): string {
  const attributes = n % 3 === 0 ? 'NULL' : `'{"leap":${n % 4}}'`;
  const ts = `'2026-03-01 12:${String(Math.floor(n / 60) % 60).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}'`;
  const offset = n % 5 === 0 ? 'NULL' : String(n / 1024);
  const jitter = n % 7 === 0 ? 'NULL' : String(n / 4096);
  return `(${(n % 50) + 1}, ${(n % 9) + 1}, ${ts}, ${n / 64}, 1, ${offset}, ${n % 100}, ${attributes}${hasJitter ? `, ${jitter}` : ''})`;
}
