import { currentPosition, identifier, selectBinary } from '@scoreline/database';
import type { BinlogPosition, SourceIdentity } from '@scoreline/ledger';
import {
  type Block,
  type ResultField,
  type SqlColumn,
  type TopicVersion,
  type UnknownColumns,
  ValueEncoder,
} from '@scoreline/schema';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import type { IdRange } from './id-range.ts';
import type { TableName } from './statement.ts';
import { dateTimeLiteral, idOf, tableChanged, unreadableRow } from './table-values.ts';

export interface TableReaderOptions {
  readonly table: TableName;
  readonly flavour: SourceIdentity['flavour'];
  /** As `preflightTable` gives them. */
  readonly columns: readonly SqlColumn[];
  readonly unknownColumns: UnknownColumns;
  readonly version: TopicVersion;
  /** What a DATETIME of the source is ahead of UTC, minutes. */
  readonly utcOffsetMinutes: number;
}

export interface RowsOptions {
  /** Most rows that the call reads, wanted or not. */
  readonly limitRows: number;
  /** The block grows by less than this and a row. */
  readonly limitBytes: number;
  /** Rows that are not wanted are passed over before anything is made of them. */
  readonly wanted?: ((id: number) => boolean) | undefined;
}

export interface RowsRead {
  /** Rows that were appended. */
  readonly rows: number;
  /** Every row up to this id, of those that were asked for, has been read: go on behind it. */
  readonly last: number;
  /** Nothing that was asked for is left. */
  readonly done: boolean;
}

/** Ids that one statement names. */
const LIST_IDS = 1_000;
/** What an encoded row is taken to have before any was seen. */
const USUAL_ROW_BYTES = 100;

/**
 * What a reader's answers rest on, whatever the server's defaults are: what is committed now and
 * nothing else, in UTC, text as it is stored, without the spaces that fill up a char.
 */
const SESSION = [
  "SET SESSION time_zone = '+00:00', character_set_results = NULL, sql_mode = '', autocommit = 1",
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
];

/**
 * Reads the captured table by its primary key, in chunks. Each is one SELECT in a transaction of its
 * own, a consistent read without locks, and its rows become the bytes that the binlog's would. They
 * are encoded as they come, so memory is bounded by the block's limits and the network's buffer.
 *
 * Errors of the server and of the connection come as the driver tells them.
 */
export class TableReader {
  readonly #connection: Connection;
  readonly #options: TableReaderOptions;
  readonly #encoder: ValueEncoder;
  readonly #name: string;
  /** Bytes that a read row added to its block, in the last call that added any. */
  #rowBytes = USUAL_ROW_BYTES;

  /** Of a session that was prepared. */
  constructor(connection: Connection, options: TableReaderOptions) {
    const { table, columns, ...encoding } = options;
    this.#connection = connection;
    this.#options = options;
    this.#encoder = new ValueEncoder(columns, encoding);
    this.#name = identifier(table.database, table.table);
  }

  /** Prepares the session; it is the readers' own from now on, and its owner still ends it. */
  static async prepare(connection: Connection): Promise<void> {
    for (const statement of SESSION) await connection.query(statement);
  }

  /** Smallest and largest id; null when the table is empty. */
  async bounds(): Promise<{ min: number; max: number } | null> {
    const row = await this.#one(`SELECT MIN(id) AS min, MAX(id) AS max FROM ${this.#name}`);
    if (row['min'] === null) return null;
    return {
      min: idOf(row['min'], this.#options.table),
      max: idOf(row['max'], this.#options.table),
    };
  }

  /** The smallest id from `from` on; null when there is none. */
  async firstId(from: number): Promise<number | null> {
    const row = await this.#one(`SELECT MIN(id) AS id FROM ${this.#name} WHERE id >= ${from}`);
    return row['id'] === null ? null : idOf(row['id'], this.#options.table);
  }

  /** The id that AUTO_INCREMENT gives next; null when the server does not say. */
  async nextId(): Promise<number | null> {
    const { table, flavour } = this.#options;
    // MySQL would answer what it knew up to a day ago.
    if (flavour === 'mysql') {
      await this.#connection.query('SET SESSION information_schema_stats_expiry = 0');
    }
    const [[row]] = await this.#connection.query<RowDataPacket[]>(
      'SELECT AUTO_INCREMENT AS id FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
      [table.database, table.table],
    );
    const next = row?.['id'] as unknown;
    return next === null || next === undefined ? null : Number(next);
  }

  /** The ids that the table holds from `from` to `to`, both included, ascending. */
  async ids(from: number, to: number): Promise<Float64Array> {
    let ids = new Float64Array(1_024);
    let count = 0;
    const sql = `SELECT ${this.#encoder.selectId} ${this.#where({ from, to })}`;
    await this.#select(sql, 1, (packet, at, end) => {
      if (count === ids.length) {
        const grown = new Float64Array(ids.length * 2);
        grown.set(ids);
        ids = grown;
      }
      ids[count++] = this.#encoder.id(packet, at, end, 1);
      return true;
    });
    return ids.slice(0, count);
  }

  /**
   * Appends rows to the block, ascending: those of a range, or those of ascending ids, of which the
   * table may lack some. One statement, so one state of the table; ask again behind `last`. An error
   * leaves the block as it was.
   *
   * @throws PermanentError `row-unreadable`, `table-changed`
   */
  async rows(
    asked: IdRange | Float64Array,
    block: Block,
    { limitRows, limitBytes, wanted }: RowsOptions,
  ): Promise<RowsRead> {
    const isList = asked instanceof Float64Array;
    // Rows behind the byte limit would be sent in vain.
    const fitting = Math.ceil(limitBytes / this.#rowBytes);
    const limit = Math.max(1, Math.min(limitRows, fitting, isList ? LIST_IDS : Infinity));
    const part = isList ? asked.subarray(0, limit) : asked;
    const end = part instanceof Float64Array ? part.at(-1) : part.to;
    if (end === undefined) return { rows: 0, last: 0, done: true };
    const before = { rows: block.rows, bytes: block.byteLength };
    let read = 0;
    let last = 0;
    let isFull = false;
    const sql = `SELECT ${this.#encoder.selectList} ${this.#where(part)} LIMIT ${limit}`;
    try {
      await this.#select(sql, undefined, (packet, at, to) => {
        last = this.#encoder.id(packet, at, to);
        read++;
        if (wanted === undefined || wanted(last)) this.#encoder.encode(packet, at, to, block);
        isFull = block.byteLength - before.bytes >= limitBytes;
        return !isFull;
      });
    } catch (error) {
      block.truncate(before.rows);
      throw error;
    }
    if (block.rows > before.rows) this.#rowBytes = (block.byteLength - before.bytes) / read;
    const reached = isFull || read === limit ? last : end;
    const target = isList ? asked.at(-1) : asked.to;
    return { rows: block.rows - before.rows, last: reached, done: reached === target };
  }

  /** The server's binlog position now. Every row that an earlier call read was committed before it. */
  position(): Promise<BinlogPosition> {
    return currentPosition(this.#connection, this.#options.flavour);
  }

  /**
   * The smallest id of a row of that time or later; null when there is none. Every such row that is
   * committed now has this id or a higher one, in whatever order ids and times are; one that commits
   * later may have a lower. Looks at the first entry of each `ts` in an index that begins with it, so it
   * takes as long as there are different times from then on; without such an index, a full scan.
   */
  async firstIdSince(dateUs: number): Promise<number | null> {
    const since = dateTimeLiteral(dateUs, this.#options);
    const row = await this.#one(
      `SELECT MIN(first) AS id FROM
         (SELECT MIN(id) AS first FROM ${this.#name} WHERE ts >= ${since} GROUP BY ts) AS times`,
    );
    return row['id'] === null ? null : idOf(row['id'], this.#options.table);
  }

  #where(asked: IdRange | Float64Array): string {
    const condition =
      asked instanceof Float64Array
        ? `id IN (${asked.join()})`
        : `id BETWEEN ${asked.from} AND ${asked.to}`;
    // A secondary index holds the ids too, in another order.
    return `FROM ${this.#name} FORCE INDEX (PRIMARY) WHERE ${condition} ORDER BY id`;
  }

  async #select(
    sql: string,
    columns: number | undefined,
    row: (packet: Buffer, at: number, end: number) => boolean,
  ): Promise<void> {
    const { table } = this.#options;
    const fields = (seen: readonly ResultField[]): void => {
      const problems = this.#encoder.problems(seen, columns);
      if (problems.length > 0) throw tableChanged(table, problems);
    };
    try {
      await selectBinary(this.#connection, sql, { fields, row });
    } catch (error) {
      throw unreadableRow(table, error);
    }
  }

  async #one(sql: string): Promise<RowDataPacket> {
    const [[row]] = await this.#connection.query<RowDataPacket[]>(sql);
    return row!;
  }
}
