import { setTimeout as delay } from 'node:timers/promises';

import type { Database } from './database.ts';

const PATIENCE_MS = 30_000;

/**
 * MariaDB's semi-synchronous replication, AFTER_SYNC: a commit is written to the binlog, waits there
 * for the replica to have it, and is seen by others only then. It waits for as long as it takes.
 */
export async function semiSync(primary: Database, replica: Database): Promise<void> {
  await replica.run('SET GLOBAL rpl_semi_sync_slave_enabled = 1');
  // The replica says so when it connects.
  await replica.stopReceiving();
  await replica.startReceiving();
  await primary.run(
    "SET GLOBAL rpl_semi_sync_master_wait_point = 'AFTER_SYNC'",
    'SET GLOBAL rpl_semi_sync_master_timeout = 86400000',
    'SET GLOBAL rpl_semi_sync_master_enabled = 1',
  );
  await waitFor(async () => (await status(primary, 'Rpl_semi_sync_master_clients')) === 1);
}

export interface HeldCommit {
  /** Lets the replica have it, and resolves when the commit is done. */
  release(): Promise<void>;
}

/** A transaction of one statement that is in the primary's binlog, and that nobody sees yet. */
export async function holdCommit(
  primary: Database,
  replica: Database,
  sql: string,
): Promise<HeldCommit> {
  await replica.stopReceiving();
  const waiting = await status(primary, 'Rpl_semi_sync_master_wait_sessions');
  const done = primary.run(sql);
  const failed = done.then(() => {
    throw new Error(`the commit did not wait for the replica: ${sql}`);
  });
  failed.catch(() => {});
  await Promise.race([
    failed,
    waitFor(async () => (await status(primary, 'Rpl_semi_sync_master_wait_sessions')) > waiting),
  ]);
  return {
    release: async () => {
      await replica.startReceiving();
      await done;
    },
  };
}

async function status(database: Database, name: string): Promise<number> {
  const [row] = await database.run(`SHOW GLOBAL STATUS LIKE '${name}'`);
  return Number(row?.['Value']);
}

async function waitFor(check: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  while (!(await check())) {
    if (Date.now() > giveUpAt)
      throw new Error(`semi-sync replication did not get there in ${PATIENCE_MS / 1000} s`);
    await delay(20);
  }
}
