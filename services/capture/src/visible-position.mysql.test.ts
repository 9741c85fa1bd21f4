import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { createLog } from '@scoreline/service';
import { until } from '@scoreline/testing';
import type { Connection, RowDataPacket } from 'mysql2/promise';

import { SourceDatabase } from './testing/source-database.ts';
import { visiblePosition } from './visible-position.ts';

/** What InnoDB says of its transactions is from before as long as somebody asks more often than that. */
const REST_MS = 150;

/** MySQL does not say what of its binlog can be seen: a session that is busy may be in it already. */
test('a position waits for transactions that may be in the binlog already', async (t) => {
  const source = await prepared(t);
  if (source === null) return;
  const { admin } = source;
  const writer = await source.connect(t);
  const idle = await source.connect(t);
  try {
    // One that waits for its next statement has not begun to commit, and may wait for ever.
    await idle.query('BEGIN');
    await idle.query('INSERT INTO seen VALUES (0)');
    const written = writer.query('CALL slowly(4)');
    await until(() => isWriting(admin, writer), { what: 'its row', everyMs: REST_MS });
    await settled(admin, t.signal);
    assert.deepEqual(await seen(admin), [1], 'the row of that transaction can be seen');
    await written;
  } finally {
    await idle.query('ROLLBACK');
  }
});

test('a position waits for an answer of now: InnoDB repeats the last one to whoever asks all the time', async (t) => {
  const source = await prepared(t);
  if (source === null) return;
  const { admin } = source;
  const writer = await source.connect(t);
  const asker = await source.connect(t);
  await admin.query(`CREATE PROCEDURE ask_until_seen() BEGIN
    DECLARE n int; DECLARE began datetime DEFAULT NOW();
    REPEAT SELECT COUNT(*) INTO n FROM information_schema.innodb_trx;
    UNTIL EXISTS (SELECT 1 FROM seen) OR SYSDATE() > began + INTERVAL 1 MINUTE END REPEAT;
  END`);
  const asking = asker.query('CALL ask_until_seen()');
  await until(() => isAt(admin, asker, "COMMAND = 'Query'"), { what: 'an answer', everyMs: 1 });
  const written = writer.query('CALL slowly(1)');
  await until(() => isAt(admin, writer, "STATE = 'User sleep'"), { what: 'its row', everyMs: 1 });
  await settled(admin, t.signal);
  assert.deepEqual(await seen(admin), [1], 'the row of that transaction can be seen');
  await Promise.all([written, asking]);
});

/** With a procedure that has inserted a row and not committed it, for as many seconds as it is told. */
async function prepared(t: TestContext): Promise<SourceDatabase | null> {
  const source = await SourceDatabase.create(t, 'mysql');
  if (source === null) return null;
  await source.admin.query('CREATE TABLE seen (a int)');
  await source.admin.query(`CREATE PROCEDURE slowly(seconds int) BEGIN
    START TRANSACTION; INSERT INTO seen VALUES (1); DO SLEEP(seconds); COMMIT;
  END`);
  return source;
}

async function settled(admin: Connection, signal: AbortSignal): Promise<void> {
  const log = createLog('test', { log_level: 'fatal' });
  await visiblePosition(admin, 'mysql', { signal, log });
}

async function seen(admin: Connection): Promise<readonly number[]> {
  const [rows] = await admin.query<RowDataPacket[]>('SELECT a FROM seen');
  return rows.map(({ a }) => Number(a));
}

async function isWriting(admin: Connection, { threadId }: Connection): Promise<boolean> {
  const [rows] = await admin.query<RowDataPacket[]>(
    `SELECT 1 FROM information_schema.innodb_trx
     WHERE trx_mysql_thread_id = ${threadId} AND trx_rows_modified > 0`,
  );
  return rows.length > 0;
}

async function isAt(admin: Connection, { threadId }: Connection, where: string): Promise<boolean> {
  const [rows] = await admin.query<RowDataPacket[]>(
    `SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ${threadId} AND ${where}`,
  );
  return rows.length > 0;
}
