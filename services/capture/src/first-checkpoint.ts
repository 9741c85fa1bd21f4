import { randomUUID } from 'node:crypto';

import { identifier, type Source } from '@scoreline/database';
import type { BinlogPosition, Checkpoint, SourceIdentity } from '@scoreline/ledger';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import { FILE_START } from './resume-point.ts';
import { binlogFiles, currentPosition } from './source-identity.ts';

/**
 * Where a new ledger begins. `now`: with what commits after this moment. The stream is read from the
 * beginning of its file all the same, so that even the first checkpoint has an event before it that
 * proves the source. `all`: with the oldest binlog.
 */
export async function firstCheckpoint(
  connection: Connection,
  identity: SourceIdentity,
  source: Source,
  initial: 'now' | 'all',
): Promise<Checkpoint> {
  const begin = initial === 'now' ? await now(connection, identity, source) : await all(connection);
  return {
    ledgerUuid: randomUUID(),
    source: identity,
    position: begin.position,
    gtidSet: '',
    event: null,
    commitTimeMs: 0,
    openGroup: null,
    startFloor: begin,
    reconcile: null,
    topicEnds: {},
  };
}

async function now(
  connection: Connection,
  { flavour }: SourceIdentity,
  source: Source,
): Promise<{ position: BinlogPosition; id: number }> {
  const position = await currentPosition(connection, flavour);
  const table = identifier(source.database, source.table);
  const [[row]] = await connection.query<RowDataPacket[]>(`SELECT MAX(id) AS id FROM ${table}`);
  return { position, id: Number(row?.['id'] ?? 0) + 1 };
}

async function all(connection: Connection): Promise<{ position: BinlogPosition; id: number }> {
  const [oldest] = await binlogFiles(connection);
  return { position: { file: oldest!.name, offset: FILE_START }, id: 0 };
}
