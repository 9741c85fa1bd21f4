import { setTimeout as delay } from 'node:timers/promises';

import { currentPosition } from '@scoreline/database';
import type { BinlogPosition, SourceIdentity } from '@scoreline/ledger';
import type { Logger } from '@scoreline/service';
import type { Connection, RowDataPacket } from 'mysql2/promise';

/** The server answers from what it found a moment ago, 100 ms at most. */
const STALE_MS = 150;
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

/** MySQL does not: the end of the binlog, when every transaction that may be in it is over. */
async function settledPosition(
  connection: Connection,
  { signal, log }: { readonly signal: AbortSignal; readonly log: Logger },
): Promise<BinlogPosition> {
  const position = await currentPosition(connection, 'mysql');
  await delay(STALE_MS, undefined, { signal });
  const before = new Set(await committing(connection));
  let saidAt = performance.now();
  while ((await committing(connection)).some((id) => before.has(id))) {
    signal.throwIfAborted();
    if (performance.now() - saidAt > SAY_EVERY_MS) {
      saidAt = performance.now();
      log.info({ transactions: [...before] }, 'waiting for transactions of the source to end');
    }
    await delay(STALE_MS, undefined, { signal });
  }
  return position;
}

/**
 * Transactions that have changed rows, cannot be seen, and may be in the binlog. One whose session waits
 * for its next statement is not: it has not begun to commit. One without a session is prepared (XA).
 */
async function committing(connection: Connection): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT t.trx_id AS id FROM information_schema.innodb_trx AS t
     LEFT JOIN information_schema.PROCESSLIST AS p ON p.ID = t.trx_mysql_thread_id
     WHERE t.trx_rows_modified > 0 AND (p.ID IS NULL OR p.COMMAND <> 'Sleep')`,
  );
  return rows.map((row) => String(row['id']));
}
