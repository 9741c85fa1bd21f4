import { setTimeout as delay } from 'node:timers/promises';

import type { Database } from './database.ts';

const PATIENCE_MS = 10_000;

/** Begins a new binlog file and deletes the older ones. Fails while somebody reads one of them. */
export async function purgeBinlogs(database: Database): Promise<void> {
  // Otherwise MariaDB purges nothing while no replica is connected.
  if (database.flavour === 'mariadb')
    await database.run('SET GLOBAL slave_connections_needed_for_purge = 0');
  await database.run('FLUSH BINARY LOGS');
  const newest = (await database.binlogs()).at(-1);
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    await database.run(`PURGE BINARY LOGS TO '${newest}'`);
    const files = await database.binlogs();
    if (files[0] === newest) return;
    // A file may be needed for a moment more, until what it holds is on disk in the tables too.
    if (Date.now() > giveUpAt) throw new Error(`still in use, and not purged: ${files.join()}`);
    await delay(50);
  }
}
