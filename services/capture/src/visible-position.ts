import { setTimeout as delay } from 'node:timers/promises';

import type { BinlogPosition, SourceIdentity } from '@scoreline/ledger';
import { ConfigError, type Logger } from '@scoreline/service';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import { currentPosition } from './source-identity.ts';

const POLL_MS = 100;
const SAY_EVERY_MS = 10_000;

/**
 * A position of which everything before it can be seen by a SELECT from now on. The end of the binlog
 * is none: a transaction is in the binlog before it is visible, for a long time under semi-synchronous
 * replication (AFTER_SYNC), and neither a stream from there nor a scan now would bring its rows.
 */
export async function visiblePosition(
  connection: Connection,
  flavour: SourceIdentity['flavour'],
  { signal, log }: { readonly signal: AbortSignal; readonly log: Logger },
): Promise<BinlogPosition> {
  return flavour === 'mariadb'
    ? snapshotPosition(connection)
    : settledPosition(connection, { signal, log });
}

/** MariaDB knows up to where a consistent snapshot sees. */
async function snapshotPosition(connection: Connection): Promise<BinlogPosition> {
  await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT');
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      "SHOW STATUS LIKE 'binlog\\_snapshot\\_%'",
    );
    const status = new Map(
      rows.map((row) => [String(row['Variable_name']).toLowerCase(), String(row['Value'])]),
    );
    const file = status.get('binlog_snapshot_file') ?? '';
    if (file === '') return await currentPosition(connection, 'mariadb');
    return { file, offset: Number(status.get('binlog_snapshot_position')) };
  } finally {
    await connection.query('COMMIT');
  }
}

/** MySQL does not: the end of the binlog, when every transaction that had written by then is over. */
async function settledPosition(
  connection: Connection,
  { signal, log }: { readonly signal: AbortSignal; readonly log: Logger },
): Promise<BinlogPosition> {
  const position = await currentPosition(connection, 'mysql');
  const before = new Set(await writers(connection));
  let saidAt = performance.now();
  while ((await writers(connection)).some((id) => before.has(id))) {
    signal.throwIfAborted();
    if (performance.now() - saidAt > SAY_EVERY_MS) {
      saidAt = performance.now();
      log.info({ transactions: [...before] }, 'waiting for transactions of the source to end');
    }
    await delay(POLL_MS, undefined, { signal });
  }
  return position;
}

/** Transactions that have changed rows, and whose rows cannot be seen yet. */
async function writers(connection: Connection): Promise<string[]> {
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      'SELECT trx_id AS id FROM information_schema.innodb_trx WHERE trx_rows_modified > 0',
    );
    return rows.map((row) => String(row['id']));
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'ER_SPECIFIC_ACCESS_DENIED_ERROR') throw cause;
    throw new ConfigError('database_dsn: the user may not see which transactions are open', {
      code: 'no-process-privilege',
      remedy: 'GRANT PROCESS ON *.* TO the user of database_dsn (docs/3-prerequisites.md).',
      cause,
    });
  }
}
