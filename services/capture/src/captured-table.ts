import { isDeepStrictEqual } from 'node:util';

import { type Source, type TableColumn, tableColumns } from '@scoreline/database';
import type { BinlogPosition, SourceIdentity } from '@scoreline/ledger';
import {
  type Block,
  checkDropped,
  checkTable,
  optionalOf,
  type TopicVersion,
  type UnknownColumns,
} from '@scoreline/schema';
import type { Connection } from 'mysql2/promise';

import { CHUNK_BYTES } from './chunk.ts';
import type { TailTable } from './compare-tail.ts';
import type { TableBounds } from './first-checkpoint.ts';
import type { ReconcileTable } from './reconciler.ts';
import { TableReader } from './table-reader.ts';
import { tableChanged } from './table-values.ts';

/** Small, so that the stream's rows wait for no more than a moment. */
const CHUNK_ROWS = 5_000;
/** So many rows of which one is wanted cost as much to read as one by its id. */
const DENSE = 8;

export interface CapturedTableOptions {
  readonly identity: SourceIdentity;
  readonly utcOffsetMinutes: number;
  readonly unknownColumns: UnknownColumns;
  /** Of the records that are made. */
  readonly version: TopicVersion;
  /** Of those that a table may lack: what this one had when rows of it were captured. */
  readonly optionalColumns: readonly string[];
}

/**
 * The captured table as reconcile asks for it. An ALTER may pass between any two of its statements: so
 * the columns are looked at again behind each that read rows, and when they are not what they were, the
 * rows are read anew. A column that was added would be missing in them, and nothing would tell.
 */
export class CapturedTable implements ReconcileTable, TableBounds, TailTable {
  readonly #connection: Connection;
  readonly #source: Source;
  readonly #options: CapturedTableOptions;
  #columns: readonly TableColumn[];
  #reader: TableReader;

  private constructor(
    connection: Connection,
    source: Source,
    options: CapturedTableOptions,
    columns: readonly TableColumn[],
  ) {
    this.#connection = connection;
    this.#source = source;
    this.#options = options;
    this.#columns = columns;
    this.#reader = this.#readerOf(columns, options.optionalColumns);
  }

  /**
   * The connection's session is set up for it, and is of no other use any more.
   *
   * @throws PermanentError `table-changed`
   */
  static async open(
    connection: Connection,
    source: Source,
    options: CapturedTableOptions,
  ): Promise<CapturedTable> {
    await TableReader.prepare(connection);
    const columns = await tableColumns(connection, source);
    return new CapturedTable(connection, source, options, columns);
  }

  /** Those that it has, of the columns that a table may lack. */
  get optionalColumns(): readonly string[] {
    return optionalOf(this.#columns);
  }

  ids(from: number, to: number): Promise<Float64Array> {
    return this.#reader.ids(from, to);
  }

  firstId(from: number): Promise<number | null> {
    return this.#reader.firstId(from);
  }

  async lastId(): Promise<number | null> {
    return (await this.#reader.bounds())?.max ?? null;
  }

  nextId(): Promise<number | null> {
    return this.#reader.nextId();
  }

  firstIdSince(sinceUs: number): Promise<number | null> {
    return this.#reader.firstIdSince(sinceUs);
  }

  position(): Promise<BinlogPosition> {
    return this.#reader.position();
  }

  async rows(ids: Float64Array, block: Block): Promise<number> {
    const before = block.rows;
    for (;;) {
      const last = await this.#read(ids, block);
      const columns = await tableColumns(this.#connection, this.#source);
      if (isDeepStrictEqual(columns, this.#columns)) return last;
      block.truncate(before);
      this.#reader = this.#readerOf(columns, optionalOf(this.#columns));
      this.#columns = columns;
    }
  }

  async #read(ids: Float64Array, block: Block): Promise<number> {
    const some = ids.subarray(0, CHUNK_ROWS);
    const from = some[0]!;
    const to = some.at(-1)!;
    const isDense = to - from < DENSE * some.length;
    const set = new Set(some);
    const limits = { limitRows: DENSE * CHUNK_ROWS, limitBytes: CHUNK_BYTES };
    const { last } = isDense
      ? await this.#reader.rows({ from, to }, block, { ...limits, wanted: (id) => set.has(id) })
      : await this.#reader.rows(some, block, limits);
    return last;
  }

  #readerOf(columns: readonly TableColumn[], had: readonly string[]): TableReader {
    const { identity, utcOffsetMinutes, unknownColumns, version } = this.#options;
    const problems = [
      ...checkTable(columns, unknownColumns, version),
      ...checkDropped(columns, had),
    ];
    if (problems.length > 0) throw tableChanged(this.#source, problems);
    return new TableReader(this.#connection, {
      table: this.#source,
      flavour: identity.flavour,
      columns,
      unknownColumns,
      version,
      utcOffsetMinutes,
    });
  }
}
