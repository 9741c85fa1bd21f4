import type { Connection, ResultSetHeader } from 'mysql2/promise';

import { connect } from './database.ts';
import type { LogScoreRow } from './measurement.ts';
import { committedRows, rowsOf, type Step } from './plan.ts';
import { datetime, double, insertLogScores } from './sql.ts';

/** What a step left in log_scores, told right after its COMMIT was acknowledged. */
export interface Commit {
  readonly rows: number;
  /** One of its rows: the last id and that row's server. */
  readonly id: number;
  readonly serverId: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface OpenTransaction {
  readonly connection: Connection;
  readonly rows: readonly LogScoreRow[];
  readonly id: number;
  stepsLeft: number;
}

/** At most so many transactions are held open at a time. */
const LATE_CONNECTIONS = 3;

/** Carries out the steps of a plan, one after the other, beside transactions that stay open for some steps. */
export class Writer {
  readonly #dsn: string;
  readonly #onCommit: (commit: Commit) => void;
  #main: Connection | undefined;
  readonly #idle: Connection[] = [];
  #open: OpenTransaction[] = [];

  constructor(dsn: string, onCommit: (commit: Commit) => void) {
    this.#dsn = dsn;
    this.#onCommit = onCommit;
  }

  async start(): Promise<void> {
    this.#main = await connect(this.#dsn);
    for (let i = 0; i < LATE_CONNECTIONS; i++) this.#idle.push(await connect(this.#dsn));
  }

  /** The INSERTs of a step; made apart from `run` so that it can be done while the one before runs. */
  prepare(step: Step): readonly string[] {
    const rows = rowsOf(step);
    if (rows.length === 0) return [];
    const statements = step.kind === 'batch' ? step.statements : step.kind === 'savepoint' ? 2 : 1;
    const each = Math.ceil(rows.length / statements);
    return Array.from({ length: Math.ceil(rows.length / each) }, (_, index) =>
      insertLogScores(rows.slice(index * each, (index + 1) * each)),
    );
  }

  async run(step: Step, inserts: readonly string[]): Promise<void> {
    await this.#commitDue(1);
    if (step.kind === 'late') return this.#hold(step.rows, inserts, step.steps);
    const id = await this.#write(step, inserts);
    if (committedRows(step) > 0) this.#committed(rowsOf(step), id);
  }

  /** Commits what is still open. */
  async finish(): Promise<void> {
    await this.#commitDue(Infinity);
  }

  async stop(): Promise<void> {
    const held = this.#open.map(({ connection }) => connection);
    const main = this.#main === undefined ? [] : [this.#main];
    const close = (connection: Connection): Promise<void> =>
      connection.end().catch(() => connection.destroy());
    await Promise.all([...main, ...this.#idle, ...held].map(close));
  }

  /** Resolves with the id of the last row that it committed, 0 for none. */
  async #write(step: Exclude<Step, { kind: 'late' }>, inserts: readonly string[]): Promise<number> {
    switch (step.kind) {
      case 'autocommit':
        return this.#insert(inserts);
      case 'batch':
        return this.#transaction(() => this.#insert(inserts));
      case 'measured':
        return this.#transaction(async () => {
          for (const row of step.rows) await this.#updateScores(row);
          return this.#insert(inserts);
        });
      case 'scored':
        return this.#transaction(async () => {
          const id = await this.#insert(inserts);
          await this.#scored(step.scorerId, id);
          return id;
        });
      case 'rollback':
      case 'logged-rollback':
        await this.#query('BEGIN');
        await this.#insert(inserts);
        if (step.kind === 'logged-rollback') await this.#temporaryTable();
        await this.#query('ROLLBACK');
        if (step.kind === 'logged-rollback') await this.#dropTemporaryTable();
        return 0;
      case 'savepoint': {
        const id = await this.#transaction(() => this.#savepoint(step, inserts));
        if (step.logged) await this.#dropTemporaryTable();
        return id;
      }
      case 'other':
        await this.#query(`UPDATE servers SET netspeed = netspeed + 1 WHERE id = ${step.serverId}`);
        await this.#query(
          `UPDATE monitors SET last_seen = UTC_TIMESTAMP(6), last_submit = UTC_TIMESTAMP(6) WHERE id = ${step.monitorId}`,
        );
        return 0;
      default:
        return step satisfies never;
    }
  }

  async #transaction(work: () => Promise<number>): Promise<number> {
    await this.#query('BEGIN');
    const id = await work();
    await this.#query('COMMIT');
    return id;
  }

  async #savepoint(
    { undone, logged }: Extract<Step, { kind: 'savepoint' }>,
    inserts: readonly string[],
  ): Promise<number> {
    const [before = '', after] = inserts;
    const id = await this.#insert([before]);
    await this.#query('SAVEPOINT retest');
    await this.#insert([insertLogScores(undone)]);
    if (logged) await this.#temporaryTable();
    await this.#query('ROLLBACK TO SAVEPOINT retest');
    return after === undefined ? id : this.#insert([after]);
  }

  /** A change that no rollback undoes, so that the server must write the whole transaction to the binlog. */
  async #temporaryTable(): Promise<void> {
    await this.#query('CREATE TEMPORARY TABLE retest (server_id int unsigned) ENGINE=InnoDB');
  }

  async #dropTemporaryTable(): Promise<void> {
    await this.#query('DROP TEMPORARY TABLE IF EXISTS retest');
  }

  async #updateScores({ serverId, monitorId, ts, score }: LogScoreRow): Promise<void> {
    const at = datetime(ts);
    await this.#query(
      `UPDATE servers SET score_ts = ${at}, score_raw = ${double(score)} WHERE id = ${serverId}`,
    );
    if (monitorId === null) return;
    await this.#query(
      `INSERT INTO server_scores (monitor_id, server_id, score_ts, score_raw, status, created_on)
       VALUES (${monitorId}, ${serverId}, ${at}, ${double(score)}, 'active', UTC_TIMESTAMP())
       ON DUPLICATE KEY UPDATE score_ts = ${at}, score_raw = ${double(score)}`,
    );
  }

  async #scored(scorerId: number, id: number): Promise<void> {
    const { affectedRows } = await this.#query(
      `UPDATE scorer_status SET log_score_id = ${id} WHERE scorer_id = ${scorerId}`,
    );
    if (affectedRows > 0) return;
    await this.#query(
      `INSERT INTO scorer_status (scorer_id, log_score_id) VALUES (${scorerId}, ${id})`,
    );
  }

  async #hold(
    rows: readonly LogScoreRow[],
    inserts: readonly string[],
    steps: number,
  ): Promise<void> {
    const connection = this.#idle.pop() ?? (await this.#commitOldest());
    await connection.query('BEGIN');
    const id = await this.#insert(inserts, connection);
    this.#open.push({ connection, rows, id, stepsLeft: steps });
  }

  async #commitDue(steps: number): Promise<void> {
    for (const transaction of this.#open) transaction.stepsLeft -= steps;
    const due = this.#open.filter(({ stepsLeft }) => stepsLeft <= 0);
    this.#open = this.#open.filter(({ stepsLeft }) => stepsLeft > 0);
    for (const transaction of due) this.#idle.push(await this.#commitOpen(transaction));
  }

  async #commitOldest(): Promise<Connection> {
    const oldest = this.#open.shift();
    if (oldest === undefined) throw new Error('no connection is idle and no transaction is open');
    return this.#commitOpen(oldest);
  }

  async #commitOpen({ connection, rows, id }: OpenTransaction): Promise<Connection> {
    await connection.query('COMMIT');
    this.#committed(rows, id);
    return connection;
  }

  #committed(rows: readonly LogScoreRow[], id: number): void {
    const serverId = rows.at(-1)?.serverId ?? 0;
    this.#onCommit({ rows: rows.length, id, serverId, at: Date.now() });
  }

  /** Resolves with the id of the last row: those of one INSERT follow each other. */
  async #insert(inserts: readonly string[], connection = this.#main): Promise<number> {
    let id = 0;
    for (const sql of inserts) {
      const { insertId, affectedRows } = await this.#query(sql, connection);
      id = insertId + affectedRows - 1;
    }
    return id;
  }

  async #query(sql: string, connection = this.#main): Promise<ResultSetHeader> {
    if (connection === undefined) throw new Error('the writer was not started');
    const [result] = await connection.query<ResultSetHeader>(sql);
    return result;
  }
}
