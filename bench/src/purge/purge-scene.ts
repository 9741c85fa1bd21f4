import { BUCKET_IDS, bucketOf } from '@scoreline/ledger';

import { createTable, tableIdentity } from '../backlog.ts';
import type { Bench } from '../bench.ts';
import { type CaptureRun, startCapture, topicOf } from '../capture/capture-service.ts';
import { type FreshRows, startFreshRows } from '../capture/fresh-rows.ts';
import type { Identity } from '../identity.ts';
import type { MeasuredProcess } from '../process.ts';

const STATUS_TABLE = `CREATE TABLE log_scores_archive_status (
  id int unsigned NOT NULL AUTO_INCREMENT, archiver varchar(255) NOT NULL, log_score_id bigint unsigned DEFAULT NULL,
  modified_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id), UNIQUE KEY archiver (archiver), KEY log_score_id (log_score_id),
  CONSTRAINT log_score_id FOREIGN KEY (log_score_id) REFERENCES log_scores (id)) ENGINE=InnoDB`;

export interface PurgeSceneOptions {
  /** Where the rows are that were loaded once. */
  readonly from: string;
  readonly rows: number;
  /** Of this turn. */
  readonly name: string;
}

/**
 * Old rows, all of them captured, in a table of a turn's own, and capture that follows live traffic. New rows
 * begin with a bucket of their own, as in a table whose old rows are days older.
 */
export class PurgeScene {
  readonly run: CaptureRun;
  readonly #bench: Bench;
  readonly #options: PurgeSceneOptions;
  readonly #capture: MeasuredProcess;

  private constructor(bench: Bench, options: PurgeSceneOptions, capture: MeasuredProcess) {
    this.#bench = bench;
    this.#options = options;
    this.#capture = capture;
    this.run = runOf(options);
  }

  static async open(bench: Bench, options: PurgeSceneOptions): Promise<PurgeScene> {
    const { sql } = bench;
    const run = runOf(options);
    await createTable(sql, run.database);
    await sql.query(STATUS_TABLE);
    // Nobody has begun to read the binlog.
    await sql.query('SET sql_log_bin = 0');
    await sql.query(
      `INSERT INTO log_scores SELECT id, monitor_id, server_id, ts - INTERVAL 30 DAY, score, step, \`offset\`, rtt, attributes FROM ${options.from}.log_scores`,
    );
    await sql.query('SET sql_log_bin = 1');
    await sql.query(`ALTER TABLE log_scores AUTO_INCREMENT = ${firstYoung(options.rows)}`);
    await sql.query('INSERT INTO log_scores (server_id, ts) VALUES (1, UTC_TIMESTAMP())');
    const settings = { log: 'follow', initial: 'all', reconcile_rate: '0' };
    const capture = await startCapture(bench, run, settings);
    const scene = new PurgeScene(bench, options, capture);
    try {
      await capture.said('reconciled: the topic has every row', bench.signal);
      return scene;
    } catch (error) {
      await scene.close();
      throw error;
    }
  }

  get topic(): string {
    return topicOf(this.run);
  }

  /** The first id that is not to be deleted. */
  get firstYoung(): number {
    return firstYoung(this.#options.rows);
  }

  startFresh(): Promise<FreshRows> {
    return startFreshRows(this.#bench, { database: this.run.database, topic: this.topic });
  }

  stopCapture(): Promise<void> {
    return this.#capture.stop();
  }

  /** Of the rows that are there. */
  identity(): Promise<Identity> {
    return tableIdentity(this.#bench.sql, `${this.run.database}.log_scores`);
  }

  async close(): Promise<void> {
    await this.stopCapture();
    await this.#bench.sql.query(`DROP DATABASE ${this.run.database}`);
  }
}

function runOf({ name }: PurgeSceneOptions): CaptureRun {
  return { database: `bench_purge_${name.replaceAll('-', '_')}`, prefix: `bench-purge-${name}-` };
}

function firstYoung(rows: number): number {
  return (bucketOf(rows) + 1) * BUCKET_IDS;
}
