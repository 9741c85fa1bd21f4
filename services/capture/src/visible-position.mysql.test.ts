import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createLog } from '@scoreline/service';
import { until } from '@scoreline/testing';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import { SourceDatabase } from './testing/source-database.ts';
import { visiblePosition } from './visible-position.ts';

/** MySQL does not say what of its binlog can be seen: a session that is busy may be in it already. */
test('a position waits for transactions that may be in the binlog already', async (t) => {
  const source = await SourceDatabase.create(t, 'mysql');
  if (source === null) return;
  const { admin } = source;
  await admin.query('CREATE TABLE seen (a int)');
  await admin.query(`CREATE PROCEDURE slowly() BEGIN
    START TRANSACTION; INSERT INTO seen VALUES (1); DO SLEEP(1); COMMIT;
  END`);
  const writer = await source.connect(t);
  const idle = await source.connect(t);
  try {
    // One that waits for its next statement has not begun to commit, and may wait for ever.
    await idle.query('BEGIN');
    await idle.query('INSERT INTO seen VALUES (0)');
    const written = writer.query('CALL slowly()');
    await until(() => isWriting(admin, writer), { what: 'its row', everyMs: 20 });
    await visiblePosition(admin, 'mysql', {
      signal: t.signal,
      log: createLog('test', { log_level: 'fatal' }),
    });
    const [rows] = await admin.query<RowDataPacket[]>('SELECT a FROM seen');
    assert.deepEqual(
      rows.map(({ a }) => Number(a)),
      [1],
      'the row of that transaction can be seen',
    );
    await written;
  } finally {
    await idle.query('ROLLBACK');
  }
});

async function isWriting(admin: Connection, { threadId }: Connection): Promise<boolean> {
  const [rows] = await admin.query<RowDataPacket[]>(
    `SELECT 1 FROM information_schema.innodb_trx
     WHERE trx_mysql_thread_id = ${threadId} AND trx_rows_modified > 0`,
  );
  return rows.length > 0;
}
