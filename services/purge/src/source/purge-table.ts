import { isDeepStrictEqual } from 'node:util';

import {
  identifier,
  isSameSource,
  type LockHolder,
  type Pool,
  type ServerIdentity,
  type Source,
} from '@scoreline/database';
import { RetryableError } from '@scoreline/service';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import type {
  ChunkOutcome,
  Lot,
  RowsDigest,
  SourcePosition,
  Span,
  TablePort,
} from '../purge/ports.ts';
import { type ChunkStatements, deleteChunk, readDigest } from './delete-chunk.ts';
import { referencedIds } from './foreign-keys.ts';
import { readLot } from './lot.ts';
import { preflight } from './preflight.ts';
import { preparePurgeSession } from './purge-session.ts';
import { sourceError } from './source-error.ts';
import { sourcePosition } from './source-position.ts';
import { type Facts, shapeOf } from './table-facts.ts';
import { tableSpan } from './table-span.ts';
import { isOldSql, rowHashSql, thoseSql } from './table-sql.ts';

export interface PurgeTableOptions {
  readonly source: Pick<Source, 'database' | 'table' | 'timeZone'>;
  readonly retentionDays: number;
}

/**
 * The captured table as the purge asks for it, and deletes from it. Every answer is about the server and the
 * table that the last `preflight` examined: another server, or an ALTER, ends in a RetryableError
 * (`source-changed`, `table-changed`), and what follows begins with a preflight.
 */
export class PurgeTable implements TablePort {
  readonly #pool: Pool;
  readonly #options: PurgeTableOptions;
  readonly #name: string;
  /** Sessions that are set up, and with whom. */
  readonly #sessions = new WeakMap<Connection, ServerIdentity>();
  #facts: Facts | null = null;

  constructor(pool: Pool, options: PurgeTableOptions) {
    this.#pool = pool;
    this.#options = options;
    this.#name = identifier(options.source.database, options.source.table);
  }

  /** @throws ConfigError `purge-preflight` with everything that is in the way. */
  async preflight(signal: AbortSignal): Promise<Facts> {
    this.#facts = null;
    return this.#use((_, facts) => Promise.resolve(facts), signal);
  }

  /** Null when the table is empty. */
  async span(signal: AbortSignal): Promise<Span | null> {
    const { timeZone } = this.#options.source;
    return this.#use(
      (connection, { tsKind }) => tableSpan(connection, this.#name, { tsKind, timeZone }),
      signal,
    );
  }

  /** At most `limit` rows above an id, in one state of the table. */
  async lot(after: number, limit: number, signal: AbortSignal): Promise<Lot> {
    return this.#use(async (connection, facts) => {
      const sql = `SELECT CAST(id AS UNSIGNED) AS id, CAST(IF(${this.#isOld(facts)}, id, 0) AS UNSIGNED) AS old
        FROM ${this.#name} FORCE INDEX (PRIMARY) WHERE id > ${after} ORDER BY id LIMIT ${limit}`;
      const { ids, old } = await readLot(connection, sql, limit);
      const [first = 1] = ids;
      const last = ids.at(-1);
      const referenced = await referencedIds(connection, facts.references, first, last ?? 0);
      return { ids, old, referenced, next: last ?? after, isLast: ids.length < limit };
    }, signal);
  }

  /** Of the rows with these ids that the table holds, as they are committed now. */
  async digest(ids: readonly number[], signal: AbortSignal): Promise<RowsDigest> {
    return this.#use(
      (connection, facts) => readDigest(connection, this.#digestSql(ids, facts)),
      signal,
    );
  }

  /** Everything that an earlier call has read was written before it. */
  async position(signal: AbortSignal): Promise<SourcePosition> {
    return this.#use((connection, { identity }) => sourcePosition(connection, identity), signal);
  }

  /**
   * Deletes these rows if they are as they were digested, and nothing otherwise.
   *
   * @throws RetryableError `lock-lost`, or `chunk-outcome-unknown`: which of them `held` still has tells what
   * became of it
   */
  async deleteChunk(
    ids: readonly number[],
    digest: RowsDigest,
    holder: LockHolder,
    signal: AbortSignal,
  ): Promise<ChunkOutcome> {
    return this.#use(
      (connection, facts) =>
        deleteChunk(connection, { ...this.#chunk(ids, digest, facts), holder }, signal),
      signal,
    );
  }

  /** Which of these ids the table holds. Waits for a transaction that is about to delete one. */
  async held(ids: readonly number[], signal: AbortSignal): Promise<number[]> {
    if (ids.length === 0) return [];
    return this.#use(async (connection) => {
      const [rows] = await connection.query<RowDataPacket[]>(
        `SELECT id FROM ${this.#name} FORCE INDEX (PRIMARY) WHERE ${thoseSql(ids)} ORDER BY id LOCK IN SHARE MODE`,
      );
      return rows.map((row) => Number(row['id']));
    }, signal);
  }

  #chunk(
    ids: readonly number[],
    wanted: RowsDigest,
    facts: Facts,
  ): Omit<ChunkStatements, 'holder'> {
    const set = new Set(ids);
    const least = ids.reduce((a, b) => Math.min(a, b));
    const greatest = ids.reduce((a, b) => Math.max(a, b));
    return {
      ids,
      wanted,
      digest: this.#digestSql(ids, facts),
      // The form for several tables takes the index; without it a large part of a table is looked for in all of it.
      delete: `DELETE purged FROM ${this.#name} AS purged FORCE INDEX (PRIMARY)
        WHERE ${thoseSql(ids)} AND ${this.#isOld(facts)}`,
      confirmShape: (connection) => this.#confirmShape(connection, facts),
      referenced: async (connection) => {
        const found = await referencedIds(connection, facts.references, least, greatest);
        return [...found].filter((id) => set.has(id));
      },
    };
  }

  #digestSql(ids: readonly number[], { columns }: Facts): string {
    return `SELECT COUNT(*) AS count, BIT_XOR(${rowHashSql(columns)}) AS digest
      FROM ${this.#name} FORCE INDEX (PRIMARY) WHERE ${thoseSql(ids)}`;
  }

  #isOld({ tsKind }: Facts): string {
    const { retentionDays, source } = this.#options;
    return isOldSql({ dataType: tsKind }, { retentionDays, timeZone: source.timeZone });
  }

  async #confirmShape(connection: Connection, { identity, shape }: Facts): Promise<void> {
    const now = await shapeOf(connection, identity.flavour, this.#options.source);
    if (isDeepStrictEqual(now, shape)) return;
    this.#facts = null;
    throw new RetryableError(
      `${this.#name} has other columns, triggers or foreign keys than when it was examined`,
      { code: 'table-changed' },
    );
  }

  async #use<T>(
    work: (connection: Connection, facts: Facts) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    try {
      return await this.#pool.use(async (connection) => {
        const identity = await this.#identity(connection);
        this.#facts ??= await preflight(connection, identity, this.#options.source);
        const facts = this.#facts;
        if (isSameSource(facts.identity, identity)) return await work(connection, facts);
        this.#facts = null;
        throw new RetryableError(
          `another server answers: ${identity.serverUuid} instead of ${facts.identity.serverUuid}`,
          { code: 'source-changed' },
        );
      }, signal);
    } catch (error) {
      throw sourceError(error);
    }
  }

  async #identity(connection: Connection): Promise<ServerIdentity> {
    const known = this.#sessions.get(connection);
    if (known !== undefined) return known;
    const identity = await preparePurgeSession(connection);
    this.#sessions.set(connection, identity);
    return identity;
  }
}
