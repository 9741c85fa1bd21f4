import {
  identifier,
  identityAt,
  isSameSource,
  type ServerIdentity,
  sessionConnection,
  type Source,
} from '@scoreline/database';
import { PermanentError } from '@scoreline/service';
import type { RowDataPacket } from 'mysql2/promise';

/**
 * The lowest id that the table holds; null when it is empty.
 *
 * @param captured the server that capture reads: another one, or one of before, may hold other rows.
 * @throws PermanentError `source-changed`
 */
export async function lowestId(
  source: Source,
  captured: ServerIdentity,
  signal: AbortSignal,
): Promise<number | null> {
  const connection = await sessionConnection(source, { signal, stage: 'start' });
  try {
    const seen = await identityAt(connection);
    if (!isSameSource(captured, seen)) throw otherSource(captured, seen);
    const table = identifier(source.database, source.table);
    const [[row]] = await connection.query<RowDataPacket[]>(`SELECT MIN(id) AS id FROM ${table}`);
    const id = row?.['id'] as unknown;
    return id === null || id === undefined ? null : Number(id);
  } finally {
    connection.destroy();
  }
}

function otherSource(captured: ServerIdentity, seen: ServerIdentity): PermanentError {
  return new PermanentError(
    `another server answers: capture reads ${captured.flavour} ${captured.serverUuid}, this is ${seen.flavour} ${seen.serverUuid}`,
    {
      code: 'source-changed',
      remedy: 'Point database_dsn at the server that capture reads, not at a replica of it.',
    },
  );
}
