import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { archiverFile } from '@scoreline/files/testing';
import type { SampleRow } from '@scoreline/landing/testing';
import { type Connection, createConnection } from 'mysql2/promise';

import type { Servers } from '../bad-input/servers.ts';
import { parseDsn, query } from '../harness/mysql.ts';
import { sourceRows } from './kept-values.ts';

/** As it makes its table. */
const TABLE = `(dt Date, id UInt64, monitor_id UInt32, server_id UInt32, ts DateTime, score Float32,
  step Float32, offset Nullable(Float64), rtt Nullable(UInt32), leap Nullable(UInt8),
  warning Nullable(String), error Nullable(String)) ENGINE = MergeTree PARTITION BY dt ORDER BY (server_id, ts)`;

export type ArchiverName = 'clickhouse' | 'fileavro';

export interface StatusRow {
  readonly archiver: string;
  readonly id: number | null;
  /** As the server prints it. */
  readonly modified: string;
}

/** Where it works. */
export interface ArchiverPlace {
  readonly servers: Servers;
  readonly adminDsn: string;
  /** In ClickHouse. */
  readonly database: string;
  /** Its `avro_path`. */
  readonly folder: string;
}

/**
 * Whatever others notice of ntppool/archiver: its lock, its rows of log_scores_archive_status, what it writes
 * with which statements, and what its clean-up deletes.
 */
export class Archiver {
  readonly #place: ArchiverPlace;
  #session: Connection | undefined;

  constructor(place: ArchiverPlace) {
    this.#place = place;
  }

  /** Where it has never run. */
  async create(): Promise<void> {
    const { servers, database, adminDsn } = this.#place;
    await servers.clickhouse(`CREATE TABLE ${database}.log_scores ${TABLE}`);
    await query(
      adminDsn,
      "INSERT INTO log_scores_archive_status (archiver) VALUES ('clickhouse'), ('fileavro'), ('cleanup')",
    );
  }

  /** It runs, and works under its lock. */
  async start(): Promise<void> {
    this.#session = await createConnection(parseDsn(this.#place.adminDsn));
    const [rows] = await this.#session.query("SELECT GET_LOCK('archiver-log_scores', 0) AS has");
    const [{ has } = { has: 0 }] = rows as { has: number }[];
    if (has === 1) return;
    await this.stop();
    throw new Error('somebody else has the lock of the archiver');
  }

  async stop(): Promise<void> {
    await this.#session?.end();
    this.#session = undefined;
  }

  /** One batch: what is above its row, whatever may still commit below, up to an id. */
  async archive(name: ArchiverName, upTo: number): Promise<number> {
    const { adminDsn } = this.#place;
    const from = (await this.statusRows()).find(({ archiver }) => archiver === name)?.id ?? 0;
    const rows = await sourceRows(adminDsn, `id > ${from} AND id <= ${upTo}`);
    if (name === 'clickhouse') await this.#insert(rows);
    else await this.#write(rows);
    await query(
      adminDsn,
      `UPDATE log_scores_archive_status SET log_score_id = ${rows.at(-1)!.id} WHERE archiver = '${name}'`,
    );
    return rows.length;
  }

  /** Deletes what is below all rows of the table, whoever's. Resolves to the ids. */
  async cleanUp(): Promise<readonly number[]> {
    const { adminDsn } = this.#place;
    const where = `ts < UTC_TIMESTAMP() - INTERVAL 15 DAY
      AND id < (SELECT MIN(log_score_id) FROM log_scores_archive_status)`;
    const ids = (await sourceRows(adminDsn, where)).map(({ id }) => id);
    await query(adminDsn, `DELETE FROM log_scores WHERE ${where}`);
    await query(
      adminDsn,
      "UPDATE log_scores_archive_status SET modified_on = NOW() WHERE archiver = 'cleanup'",
    );
    return ids;
  }

  /** All rows of log_scores_archive_status. */
  statusRows(): Promise<readonly StatusRow[]> {
    return query<StatusRow>(
      this.#place.adminDsn,
      `SELECT archiver, log_score_id AS id, CAST(modified_on AS CHAR) AS modified
       FROM log_scores_archive_status ORDER BY archiver`,
    );
  }

  async #insert(rows: readonly SampleRow[]): Promise<void> {
    const values = rows.map((row) => {
      const { id, monitor_id: monitor, server_id: server, score, step, offset, rtt, error } = row;
      const seconds = row.ts / 1_000_000;
      const text = error === null ? 'NULL' : `'${error}'`;
      return `(toDate(${seconds}, 'UTC'), ${id}, ${monitor ?? 0}, ${server}, ${seconds}, ${score}, ${step}, ${offset}, ${rtt}, ${row.leap || 'NULL'}, ${text})`;
    });
    await this.#place.servers.clickhouse(
      `INSERT INTO ${this.#place.database}.log_scores
       (dt, id, monitor_id, server_id, ts, score, step, offset, rtt, leap, error) VALUES ${values.join(', ')}`,
    );
  }

  async #write(rows: readonly SampleRow[]): Promise<void> {
    const { name, bytes } = await archiverFile(rows);
    await writeFile(path.join(this.#place.folder, name), bytes);
  }
}
