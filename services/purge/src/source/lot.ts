import { selectBinary } from '@scoreline/database';
import { PermanentError } from '@scoreline/service';
import type { Connection } from 'mysql2/promise';

import type { HeldRow } from '../proof/row-decision.ts';
import { type ReadUnsigned, unsignedColumns } from './unsigned-columns.ts';

export interface LotRow extends HeldRow {
  /** It is older than the retention, on the server's clock when it was read. */
  readonly isOld: boolean;
}

/** Some rows of the table in the order of their ids, as they were at one moment. */
export class Lot {
  /** Ascending. */
  readonly ids: Float64Array;
  /** 1 for each id that is old. */
  readonly old: Uint8Array;
  readonly referenced: ReadonlySet<number>;
  /** Go on above this id. */
  readonly next: number;
  /** The table had no more. */
  readonly isLast: boolean;

  constructor(
    { ids, old }: LotIds,
    referenced: ReadonlySet<number>,
    { after, isLast }: { readonly after: number; readonly isLast: boolean },
  ) {
    this.ids = ids;
    this.old = old;
    this.referenced = referenced;
    this.next = ids.at(-1) ?? after;
    this.isLast = isLast;
  }

  /** How many are old. */
  get oldRows(): number {
    let count = 0;
    for (const flag of this.old) count += flag;
    return count;
  }

  /** To be looked at one after another: one object is used for all of them. */
  get rows(): Iterable<LotRow> {
    return { [Symbol.iterator]: () => this.#walk() };
  }

  *#walk(): Generator<LotRow, void> {
    const row = { id: 0, referenced: false, isOld: false };
    for (let at = 0; at < this.ids.length; at++) {
      row.id = this.ids[at]!;
      row.referenced = this.referenced.has(row.id);
      row.isOld = this.old[at] === 1;
      yield row;
    }
  }
}

export interface LotIds {
  readonly ids: Float64Array;
  readonly old: Uint8Array;
}

/**
 * Reads rows of a SELECT of two whole numbers, the id and the id again where the row is old, 0 where not.
 *
 * @throws PermanentError `row-unreadable`
 */
export async function readLot(connection: Connection, sql: string, limit: number): Promise<LotIds> {
  const ids = new Float64Array(limit);
  const old = new Uint8Array(limit);
  let rows = 0;
  let read: ReadUnsigned;
  await selectBinary(connection, sql, {
    fields: (fields) => {
      read = unsignedColumns(fields);
    },
    row: (packet, at) => {
      const id = read(packet, at, 0);
      if (id < 1 || id > Number.MAX_SAFE_INTEGER) throw unreadable(id);
      ids[rows] = id;
      old[rows++] = read(packet, at, 1) === id ? 1 : 0;
      return true;
    },
  });
  return { ids: ids.subarray(0, rows), old: old.subarray(0, rows) };
}

function unreadable(id: number): PermanentError {
  return new PermanentError(`a row has the id ${id}, which no record can hold`, {
    code: 'row-unreadable',
    remedy: 'Correct or delete the row in the table if it must not be there.',
  });
}
