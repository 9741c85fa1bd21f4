import { preflightTable, type Source } from '@scoreline/database';
import type { BinlogPosition, SourceIdentity } from '@scoreline/ledger';
import { type Block, checkTable, isKnown, type UnknownColumns } from '@scoreline/schema';
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

/** The captured table as reconcile asks for it. */
export class CapturedTable implements ReconcileTable, TableBounds, TailTable {
  readonly #reader: TableReader;

  private constructor(reader: TableReader) {
    this.#reader = reader;
  }

  /**
   * The connection's session is set up for it, and is of no other use any more.
   *
   * @throws PermanentError `table-changed`
   */
  static async open(
    connection: Connection,
    source: Source,
    {
      identity,
      utcOffsetMinutes,
      unknownColumns,
    }: {
      readonly identity: SourceIdentity;
      readonly utcOffsetMinutes: number;
      readonly unknownColumns: UnknownColumns;
    },
  ): Promise<CapturedTable> {
    const { columns } = await preflightTable(connection, source);
    // It may not be what it was at the start of the service.
    const problems = checkTable(columns, unknownColumns);
    if (problems.length > 0) throw tableChanged(source, problems);
    const reader = await TableReader.open(connection, {
      table: source,
      flavour: identity.flavour,
      columns: columns.filter(({ name }) => isKnown(name)),
      utcOffsetMinutes,
    });
    return new CapturedTable(reader);
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
}
