import { currentPosition, type ServerIdentity } from '@scoreline/database';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import type { SourcePosition } from '../purge/ports.ts';

/** The end of the binlog now, with the GTIDs of everything that can be seen by now. */
export async function sourcePosition(
  connection: Connection,
  source: ServerIdentity,
): Promise<SourcePosition> {
  const gtidSet =
    source.flavour === 'mysql'
      ? await mysqlGtidSet(connection)
      : await variable(connection, 'gtid_binlog_pos');
  return { source, position: await currentPosition(connection, source.flavour), gtidSet };
}

/**
 * A row can be seen a moment before its GTID is among the executed ones; until then it is owned by the
 * session that commits. So these count as well, and are asked first.
 */
async function mysqlGtidSet(connection: Connection): Promise<string> {
  const owned = await variable(connection, 'gtid_owned');
  const executed = await variable(connection, 'gtid_executed');
  const sets = [executed, owned.replaceAll(/#\d+/g, '')].map((set) => set.replaceAll(/\s/g, ''));
  return sets.filter((set) => set !== '').join(',');
}

async function variable(connection: Connection, name: string): Promise<string> {
  const [[row]] = await connection.query<RowDataPacket[]>(`SELECT @@GLOBAL.${name} AS value`);
  return String(row?.['value'] ?? '');
}
