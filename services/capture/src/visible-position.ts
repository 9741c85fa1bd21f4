import { setTimeout as delay } from 'node:timers/promises';

import { currentPosition } from '@scoreline/database';
import type { BinlogPosition, SourceIdentity } from '@scoreline/ledger';
import type { Logger } from '@scoreline/service';
import type { Connection, RowDataPacket } from 'mysql2/promise';

/** InnoDB looks at its transactions anew when nobody has asked for 100 ms, and repeats itself till then. */
const POLL_MS = 150;
const SAY_EVERY_MS = 10_000;

interface Waiting {
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/**
 * A position of which everything before it can be seen by a SELECT from now on. The end of the binlog
 * is none: a transaction is in the binlog before it is visible, for a long time under semi-synchronous
 * replication (AFTER_SYNC), and neither a stream from there nor a scan now would bring its rows.
 */
export async function visiblePosition(
  connection: Connection,
  flavour: SourceIdentity['flavour'],
  { signal, log }: Waiting,
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
async function settledPosition(connection: Connection, options: Waiting): Promise<BinlogPosition> {
  const position = await currentPosition(connection, 'mysql');
  const before = new Set(await committingNow(connection, options));
  const poll = pollOf(options);
  while ((await committing(connection)).ids.some((id) => before.has(id))) {
    await poll('waiting for transactions of the source to end', { transactions: [...before] });
  }
  return position;
}

/**
 * An answer that has a transaction of ours in it, which began behind the position, is not one of before. Others
 * who ask without a rest keep InnoDB from looking again.
 */
async function committingNow(connection: Connection, options: Waiting): Promise<readonly string[]> {
  const poll = pollOf(options);
  // Of another level it would begin with its first row.
  await connection.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT');
  try {
    for (;;) {
      const { ids, isFresh } = await committing(connection);
      if (isFresh) return ids;
      await poll('waiting for information_schema.innodb_trx, which others ask without a rest');
    }
  } finally {
    await connection.query('COMMIT');
  }
}

/** A rest between two questions, that says now and then what is waited for. */
function pollOf({ signal, log }: Waiting): (what: string, facts?: object) => Promise<void> {
  let saidAt = performance.now();
  return async (what, facts = {}) => {
    if (performance.now() - saidAt > SAY_EVERY_MS) {
      saidAt = performance.now();
      log.info(facts, what);
    }
    await delay(POLL_MS, undefined, { signal });
  };
}

/**
 * Transactions that have changed rows, cannot be seen, and may be in the binlog. One whose session waits
 * for its next statement is not: it has not begun to commit. One without a session is prepared (XA).
 */
async function committing(
  connection: Connection,
): Promise<{ readonly ids: readonly string[]; readonly isFresh: boolean }> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT t.trx_id AS id, t.trx_mysql_thread_id = CONNECTION_ID() AS isOurs
     FROM information_schema.innodb_trx AS t
     LEFT JOIN information_schema.PROCESSLIST AS p ON p.ID = t.trx_mysql_thread_id
     WHERE t.trx_mysql_thread_id = CONNECTION_ID()
        OR t.trx_rows_modified > 0 AND (p.ID IS NULL OR p.COMMAND <> 'Sleep')`,
  );
  const isOurs = (row: RowDataPacket) => Number(row['isOurs']) === 1;
  return {
    ids: rows.filter((row) => !isOurs(row)).map((row) => String(row['id'])),
    isFresh: rows.some(isOurs),
  };
}
