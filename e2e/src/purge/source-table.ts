import { createSchema, readMysqlSide } from '@scoreline/local';

import { query } from '../harness/mysql.ts';
import { holdingOf } from './oracle.ts';
import { insertRows, type InsertOptions } from './source-rows.ts';

/** As the purge has it unless told. */
const RETENTION_DAYS = 15;
/** Ids of a bucket: cases that are about the proof of one take another one. */
const BUCKET_IDS = 65_536;

/** The table whose rows are purged, and everything that was ever in it. */
export class SourceTable {
  /** With its database; of an administrator. */
  readonly adminDsn: string;
  /** Old rows that are not to be deleted. */
  readonly kept = new Set<number>();
  readonly #seen = new Map<number, bigint>();

  constructor(adminDsn: string) {
    this.adminDsn = adminDsn;
  }

  /** Every row that it was seen to hold. */
  get seen(): ReadonlyMap<number, bigint> {
    return this.#seen;
  }

  async create(): Promise<void> {
    await createSchema(this.adminDsn);
    const database = this.adminDsn.slice(this.adminDsn.lastIndexOf('/') + 1);
    await query(this.adminDsn, `GRANT SELECT ON ${database}.* TO 'scoreline'@'%'`);
  }

  /** Old ones, unless told. Resolves to their ids. */
  async insert(count: number, options: InsertOptions = {}): Promise<number[]> {
    const ids = await insertRows(this.adminDsn, count, options);
    await this.remember();
    return ids;
  }

  /** An id in a bucket that never had one, and not the first: whoever inserts below it finds room. */
  async nextBucket(): Promise<number> {
    const [row] = await query<{ id: number }>(
      this.adminDsn,
      'SELECT COALESCE(MAX(id), 0) AS id FROM log_scores',
    );
    const highest = Math.max(row!.id, ...this.#seen.keys());
    return (Math.floor(highest / BUCKET_IDS) + 1) * BUCKET_IDS + 1_000;
  }

  /** So that what it holds now is known when it is gone. */
  async remember(): Promise<void> {
    for (const [id, hash] of await this.rows()) this.#seen.set(id, hash);
  }

  async rows(): Promise<ReadonlyMap<number, bigint>> {
    return holdingOf(await readMysqlSide({ dsn: this.adminDsn })).hashes;
  }

  ids(): Promise<readonly number[]> {
    return this.#ids('TRUE');
  }

  /** Old rows that nothing of the table's speaks against deleting. */
  async deletable(): Promise<readonly number[]> {
    const old = await this.#ids(
      `ts < UTC_TIMESTAMP() - INTERVAL ${RETENTION_DAYS} DAY
       AND id NOT IN (SELECT log_score_id FROM scorer_status)`,
    );
    return old.filter((id) => !this.kept.has(id));
  }

  async #ids(where: string): Promise<readonly number[]> {
    const sql = `SELECT id FROM log_scores WHERE ${where} ORDER BY id`;
    return (await query<{ id: number }>(this.adminDsn, sql)).map(({ id }) => id);
  }
}
