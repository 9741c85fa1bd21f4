import { selectBinary } from '@scoreline/database';
import { PermanentError } from '@scoreline/service';
import type { Connection } from 'mysql2/promise';

import type { Lot } from '../purge/ports.ts';
import { type ReadUnsigned, unsignedColumns } from './unsigned-columns.ts';

/**
 * Reads rows of a SELECT of two whole numbers, the id and the id again where the row is old, 0 where not.
 *
 * @throws PermanentError `row-unreadable`
 */
export async function readLot(
  connection: Connection,
  sql: string,
  limit: number,
): Promise<Pick<Lot, 'ids' | 'old'>> {
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
