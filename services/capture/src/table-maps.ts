import {
  checkColumns,
  checkDropped,
  columnsOf,
  optionalOf,
  RowEncoder,
  type TableMapEntry,
  type TopicVersion,
  type UnknownColumns,
} from '@scoreline/schema';
import { PermanentError } from '@scoreline/service';

import type { TableName } from './statement.ts';

/** The captured table as a table map describes it, ready to read its rows. */
export interface CapturedTable {
  readonly encoder: RowEncoder;
  readonly columns: number;
}

export interface TableMapsOptions {
  readonly utcOffsetMinutes: number;
  readonly unknownColumns: UnknownColumns;
  /** Of the records that are made. */
  readonly version: TopicVersion;
  /** Of those that a table may lack: what this one had before. */
  readonly optionalColumns: readonly string[];
  /** Columns of the rows from here on that no field is made of: none, mostly. */
  readonly others: (columns: readonly string[]) => void;
}

export type TableRole = CapturedTable | 'other';

/** Has zongji parse the table map at hand and gives its entry; undefined when it could not. */
export type ParseTableMap = (tableId: number) => TableMapEntry | undefined;

interface Seen {
  readonly body: Buffer;
  readonly table: CapturedTable;
}

/**
 * What the table ids of rows events stand for. Every table map is compared with the schema, which sees
 * what no SQL text tells, such as a RENAME by gh-ost; the same bytes are compared once.
 */
export class TableMaps {
  readonly #ours: { readonly database: Buffer; readonly table: Buffer };
  readonly #name: string;
  readonly #options: TableMapsOptions;
  #roles = new Map<number, TableRole>();
  #lastId = -1;
  #lastRole: TableRole | undefined;
  #seen: Seen | null = null;
  #optionalColumns: readonly string[];

  constructor({ database, table }: TableName, options: TableMapsOptions) {
    this.#ours = { database: Buffer.from(database), table: Buffer.from(table) };
    this.#name = `${database}.${table}`;
    this.#options = options;
    this.#optionalColumns = options.optionalColumns;
  }

  /** Of those that a table may lack: what this one has had so far. */
  get optionalColumns(): readonly string[] {
    return this.#optionalColumns;
  }

  /** Undefined for an id without a table map in this group. */
  role(tableId: number): TableRole | undefined {
    return tableId === this.#lastId ? this.#lastRole : this.#roles.get(tableId);
  }

  /** Ids are good within their group only. */
  forget(): void {
    this.#lastId = -1;
    this.#lastRole = undefined;
    if (this.#roles.size > 0) this.#roles = new Map();
  }

  /**
   * A table map whose body is `event[at..end]`.
   *
   * @throws PermanentError `table-changed`, `row-metadata`
   */
  learn(event: Buffer, at: number, end: number, parse: ParseTableMap): void {
    const tableId = event.readUIntLE(at, 6);
    const role = this.#roleOf(event, at, end, tableId, parse);
    if (this.#lastRole !== undefined) this.#roles.set(this.#lastId, this.#lastRole);
    this.#lastId = tableId;
    this.#lastRole = role;
    if (this.#roles.has(tableId)) this.#roles.set(tableId, role);
  }

  #roleOf(
    event: Buffer,
    at: number,
    end: number,
    tableId: number,
    parse: ParseTableMap,
  ): TableRole {
    // Past the table's id: what stays the same from one to the next.
    const from = at + 6;
    if (this.#seen !== null && isSame(this.#seen.body, event, from, end)) return this.#seen.table;
    return this.#isOurs(event, at + 8) ? this.#captured(event, from, end, tableId, parse) : 'other';
  }

  #isOurs(event: Buffer, at: number): boolean {
    const { database, table } = this.#ours;
    const tableAt = at + 1 + event[at]! + 1;
    return (
      event[at] === database.length &&
      event[tableAt] === table.length &&
      database.compare(event, at + 1, at + 1 + database.length) === 0 &&
      table.compare(event, tableAt + 1, tableAt + 1 + table.length) === 0
    );
  }

  #captured(
    event: Buffer,
    at: number,
    end: number,
    tableId: number,
    parse: ParseTableMap,
  ): CapturedTable {
    const body = Buffer.from(event.subarray(at, end));
    const entry = parse(tableId);
    if (entry?.columns === undefined) throw withoutMetadata(this.#name);
    const { utcOffsetMinutes, unknownColumns, version, others } = this.#options;
    const columns = columnsOf(entry, unknownColumns, version);
    const problems = [
      ...checkColumns(columns, version),
      ...checkDropped(columns, this.#optionalColumns),
    ];
    if (problems.length > 0) throw changed(this.#name, problems);
    this.#optionalColumns = optionalOf(columns, version);
    const encoder = new RowEncoder(columns, { utcOffsetMinutes, version });
    others(columns.flatMap(({ name, omitted, kept }) => (omitted || kept ? name : [])));
    const table = { encoder, columns: columns.length };
    this.#seen = { body, table };
    return table;
  }
}

/** A loop: a table map is short, and a call into the runtime costs more. */
function isSame(body: Buffer, event: Buffer, from: number, to: number): boolean {
  if (body.length !== to - from) return false;
  for (let i = 0; i < body.length; i++) if (body[i] !== event[from + i]) return false;
  return true;
}

function withoutMetadata(name: string): PermanentError {
  return new PermanentError(`the binlog does not name the columns of ${name}`, {
    code: 'row-metadata',
    remedy:
      "SET GLOBAL binlog_row_metadata = 'FULL'; then start a new ledger: what was written before stays unreadable.",
  });
}

function changed(name: string, problems: readonly string[]): PermanentError {
  return new PermanentError(
    `${name} is not as the LogScore schema has it: ${problems.join('; ')}`,
    {
      code: 'table-changed',
      remedy:
        'Rows written like this cannot be published without losing something. Start a release whose schema knows the column; or, where it is a new one, set unknown_columns=keep, which takes its values along in extra, or unknown_columns=omit, which leaves them in the source; or change the table back and start a new ledger.',
    },
  );
}
