import { identifier, type Pool, selectBinary } from '@scoreline/database';
import { PermanentError } from '@scoreline/service';
import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise';

import { type ReadUnsigned, unsignedColumns } from '../source/unsigned-columns.ts';
import type { ArchiverRow } from './archiver-watch.ts';

export const STATUS_TABLE = 'log_scores_archive_status';

/** What looking for the table found. */
export type FoundStatus =
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly why: string }
  | { readonly kind: 'rows'; readonly rows: readonly ArchiverRow[] };

/** As both servers number these errors. */
const NO_SUCH_TABLE = 1146;
const DENIED: ReadonlySet<number> = new Set([1142, 1143, 1044]);
/** The row is gone, a lock was not had, a deadlock: the next pass finds another row, or none in the way. */
const NOT_NOW: ReadonlySet<number> = new Set([1452, 1205, 1213]);

/** log_scores_archive_status beside the captured table, as the NTP Pool has it, and ids of that table. */
export class StatusTable {
  readonly #pool: Pool;
  readonly #table: string;

  constructor(pool: Pool, table: string) {
    this.#pool = pool;
    this.#table = table;
  }

  /** Asks the table itself: information_schema hides it from who may not read it. */
  async find(signal: AbortSignal): Promise<FoundStatus> {
    let columns: RowDataPacket[];
    try {
      columns = await this.#pool.query<RowDataPacket[]>(
        `SHOW COLUMNS FROM ${STATUS_TABLE}`,
        [],
        signal,
      );
    } catch (error) {
      if (errorNumber(error) === NO_SUCH_TABLE) return { kind: 'none' };
      if (DENIED.has(errorNumber(error))) return { kind: 'unreadable', why: messageOf(error) };
      throw error;
    }
    const column = (name: string) => columns.find((one) => one['Field'] === name);
    if (column('archiver') === undefined || column('log_score_id') === undefined) {
      return { kind: 'unreadable', why: 'it has no columns archiver and log_score_id' };
    }
    if (!(await this.#isOfTheTable(signal))) return { kind: 'none' };
    const modified = column('modified_on');
    // A datetime may be of any session's zone, and one that no UPDATE changes tells nothing.
    const tellsTime =
      modified !== undefined &&
      String(modified['Type']).startsWith('timestamp') &&
      /on update current_timestamp/i.test(String(modified['Extra']));
    const still = tellsTime ? 'TIMESTAMPDIFF(MICROSECOND, modified_on, NOW(6))' : 'NULL';
    try {
      const rows = await this.#pool.query<RowDataPacket[]>(
        `SELECT archiver, log_score_id AS id, ${still} AS still FROM ${STATUS_TABLE} ORDER BY archiver`,
        [],
        signal,
      );
      return { kind: 'rows', rows: rows.map(rowOf) };
    } catch (error) {
      if (DENIED.has(errorNumber(error))) return { kind: 'unreadable', why: messageOf(error) };
      throw error;
    }
  }

  /** Its ids may be those of another table: log_scores_test has a log_scores beside it. */
  async #isOfTheTable(signal: AbortSignal): Promise<boolean> {
    const keys = await this.#pool.query<RowDataPacket[]>(
      `SELECT REFERENCED_TABLE_SCHEMA = DATABASE() AS here, REFERENCED_TABLE_NAME AS parent
       FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?
       AND COLUMN_NAME = 'log_score_id' AND REFERENCED_TABLE_NAME IS NOT NULL`,
      [STATUS_TABLE],
      signal,
    );
    return keys.length === 0
      ? `${this.#table}_archive_status` === STATUS_TABLE
      : keys.every(({ here, parent }) => Number(here) === 1 && parent === this.#table);
  }

  /** Ids of the captured table above one, ascending. */
  async idsAfter(id: number, limit: number, signal: AbortSignal): Promise<Float64Array> {
    const ids = new Float64Array(limit);
    let count = 0;
    let read: ReadUnsigned;
    await this.#pool.use(
      (connection) =>
        selectBinary(
          connection,
          `SELECT CAST(id AS UNSIGNED) FROM ${identifier(this.#table)} WHERE id > ${id} ORDER BY id LIMIT ${limit}`,
          {
            fields: (fields) => {
              read = unsignedColumns(fields);
            },
            row: (packet, at) => {
              ids[count++] = read(packet, at, 0);
              return true;
            },
          },
        ),
      signal,
    );
    return ids.subarray(0, count);
  }

  /** Makes a row of ours. */
  async add(archiver: string, id: number, signal: AbortSignal): Promise<void> {
    await this.#write(
      `INSERT INTO ${STATUS_TABLE} (archiver, log_score_id) VALUES (?, ?)`,
      [archiver, id],
      signal,
    );
  }

  /** Moves a row of ours on. It never moves back. */
  async move(archiver: string, id: number, signal: AbortSignal): Promise<void> {
    await this.#write(
      `UPDATE ${STATUS_TABLE} SET log_score_id = ? WHERE archiver = ? AND (log_score_id IS NULL OR log_score_id < ?)`,
      [id, archiver, id],
      signal,
    );
  }

  async remove(archiver: string, signal: AbortSignal): Promise<void> {
    await this.#write(`DELETE FROM ${STATUS_TABLE} WHERE archiver = ?`, [archiver], signal);
  }

  async #write(
    sql: string,
    values: readonly (string | number)[],
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.#pool.query<ResultSetHeader>(sql, [...values], signal);
    } catch (error) {
      if (NOT_NOW.has(errorNumber(error))) return;
      if (!DENIED.has(errorNumber(error))) throw error;
      throw new PermanentError(`${STATUS_TABLE} cannot be written: ${messageOf(error)}`, {
        code: 'archive-status-denied',
        remedy: `GRANT SELECT, INSERT, UPDATE, DELETE on it, or set archive_status=false.`,
        cause: error,
      });
    }
  }
}

function rowOf(row: RowDataPacket): ArchiverRow {
  const { archiver, id, still } = row as Record<string, unknown>;
  return {
    archiver: String(archiver),
    id: id === null ? null : Number(id),
    stillMs: still === null ? null : Number(still) / 1000,
  };
}

function errorNumber(error: unknown): number {
  return (error as { readonly errno?: number }).errno ?? 0;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
