import { sessionConnection, type Source } from '@scoreline/database';
import type { BinlogPosition, SourceIdentity } from '@scoreline/ledger';
import type { Logger } from '@scoreline/service';

import { CapturedTable } from './captured-table.ts';
import { type CaptureConfig, utcOffsetMinutes } from './config.ts';
import { confirmSource } from './source-identity.ts';
import { visiblePosition } from './visible-position.ts';

export interface NowOptions {
  readonly config: Pick<CaptureConfig, 'source_time_zone' | 'unknown_columns'>;
  readonly source: Source;
  readonly identity: SourceIdentity;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** A beginning at the source's present. P0 first: what the table holds is asked afterwards. */
export async function fromNow<T>(
  { config, source, identity, signal, log }: NowOptions,
  make: (p0: BinlogPosition, table: CapturedTable) => Promise<T>,
): Promise<T> {
  // Not the lock's connection, which must answer soon.
  const connection = await sessionConnection(source, { signal });
  try {
    await confirmSource(connection, identity);
    const p0 = await visiblePosition(connection, identity.flavour, { signal, log });
    const table = await CapturedTable.open(connection, source, {
      identity,
      utcOffsetMinutes: utcOffsetMinutes(config.source_time_zone) ?? 0,
      unknownColumns: config.unknown_columns,
    });
    return await make(p0, table);
  } finally {
    await connection.end().catch(() => connection.destroy());
  }
}
