import {
  sessionConnection,
  type Source,
  tableColumns,
  utcOffsetMinutes,
} from '@scoreline/database';
import type { BinlogPosition, SourceIdentity } from '@scoreline/ledger';
import { optionalOf, type TopicVersion } from '@scoreline/schema';
import type { Logger } from '@scoreline/service';
import type { Connection } from 'mysql2/promise';

import { CapturedTable } from './captured-table.ts';
import type { CaptureConfig } from './config.ts';
import { confirmSource } from './source-identity.ts';
import { visiblePosition } from './visible-position.ts';

export interface NowOptions {
  readonly config: Pick<CaptureConfig, 'source_time_zone' | 'unknown_columns'>;
  readonly source: Source;
  readonly identity: SourceIdentity;
  readonly version: TopicVersion;
  /** Of the checkpoint, if there is one. */
  readonly optionalColumns: readonly string[];
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** The source's present. */
export interface Now {
  /** A position of which everything before can be seen. */
  readonly p0: BinlogPosition;
  readonly table: CapturedTable;
  /** Of the columns that a table may lack: what this one has at P0, and what the checkpoint knows. */
  readonly optionalColumns: readonly string[];
}

/**
 * A beginning at the source's present. P0 first: what the table holds is asked afterwards. A column has
 * been there at P0 when it was before and is after: rows of the stream have it from there on.
 */
export function fromNow<T>(options: NowOptions, make: (now: Now) => Promise<T>): Promise<T> {
  const { source, identity, optionalColumns: known, signal, log } = options;
  return atSource(options, async (connection) => {
    const before = optionalOf(await tableColumns(connection, source));
    const p0 = await visiblePosition(connection, identity.flavour, { signal, log });
    const table = await tableAt(connection, options);
    const optionalColumns = table.optionalColumns.filter(
      (name) => before.includes(name) || known.includes(name),
    );
    return make({ p0, table, optionalColumns });
  });
}

/** With a connection to this very server. Not the lock's, which must answer soon. */
export async function atSource<T>(
  { source, identity, signal }: Pick<NowOptions, 'source' | 'identity' | 'signal'>,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await sessionConnection(source, { signal });
  try {
    await confirmSource(connection, identity);
    return await work(connection);
  } finally {
    await connection.end().catch(() => connection.destroy());
  }
}

/** After this the connection is of no other use. */
export function tableAt(
  connection: Connection,
  { source, identity, version, optionalColumns, config }: NowOptions,
): Promise<CapturedTable> {
  return CapturedTable.open(connection, source, {
    identity,
    utcOffsetMinutes: utcOffsetMinutes(config.source_time_zone) ?? 0,
    unknownColumns: config.unknown_columns,
    version,
    optionalColumns,
  });
}
