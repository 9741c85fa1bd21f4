import { createConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';

import {
  ARCHIVER_BATCH_ROWS,
  archiverStatement,
  PT_LIMIT,
  ptDelete,
  ptNextIds,
} from './peer-statements.ts';

/**
 * One of the peers as a process of its own, so that its CPU time can be told: it deletes without a pause
 * until there is nothing left, each statement committed by itself, and ends.
 */
const [how, host, port, database] = process.argv.slice(2);
const sql = await createConnection({
  host: host ?? '',
  port: Number(port),
  user: 'root',
  timezone: 'Z',
  database: database ?? '',
});
if (how === 'archiver') await archiver();
else if (how === 'pt-archiver-style') await ptArchiver();
else throw new Error(`${how}: there is none such`);
await sql.end();

async function archiver(): Promise<void> {
  for (;;) {
    const begunAt = performance.now();
    const [{ affectedRows }] = await sql.query<ResultSetHeader>(
      archiverStatement(ARCHIVER_BATCH_ROWS),
    );
    const seconds = ((performance.now() - begunAt) / 1000).toFixed(3);
    console.log(`statement ${affectedRows} ${seconds}`);
    if (affectedRows === 0) return;
  }
}

async function ptArchiver(): Promise<void> {
  for (let after = 0; ;) {
    const [found] = await sql.query<RowDataPacket[]>(ptNextIds(after));
    const from = Number(found[0]?.['id']);
    const to = Number(found.at(-1)?.['id']);
    if (found.length === 0) return;
    await sql.query(ptDelete(from, to));
    after = to;
    if (found.length < PT_LIMIT) return;
  }
}
